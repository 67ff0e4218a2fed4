"""A gazetteer comes as cities publish it; what names no place is left out and told."""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.errors import StartError
from hub.places import reading
from hub.places.reading import Place, read_places
from hub.protocol.geo import Point

CITY_HALL = Place("219 S President St", "City Hall", Point(32.2976, -90.1848))


def written(folder: Path, text: str, name: str = "places.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "name,detail,lat,lon\n219 S President St,City Hall,32.2976,-90.1848\n",
        "\ufeffLatitude, Longitude ,DETAIL,Name,more\n"
        '32.2976,-90.1848,"City Hall","219 S  President\tSt",x\n\n',
    ],
)
def test_csv(tmp_path: Path, text: str) -> None:
    read = read_places(written(tmp_path, text))
    assert (read.places, read.left_out) == ([CITY_HALL], [])


def feature(properties: Any, *position: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": list(position)},
    }


@pytest.mark.parametrize(
    "properties",
    [
        {"name": "219 S President St", "detail": "City Hall"},
        {"number": "219", "street": "S President St", "city": "City Hall", "postcode": ""},
        {"addr:housenumber": 219, "addr:street": "S President St", "addr:city": "City Hall"},
    ],
)
@pytest.mark.parametrize("lines", [True, False])
def test_geojson(tmp_path: Path, properties: dict[str, Any], lines: bool) -> None:
    one = feature(properties, -90.1848, 32.2976)
    whole = {"type": "FeatureCollection", "features": [one, one]}
    text = f"{json.dumps(one)}\n\n{json.dumps(one)}\n" if lines else json.dumps(whole, indent=1)
    assert read_places(written(tmp_path, text)).places == [CITY_HALL] * 2


def test_the_middle_of_an_area(tmp_path: Path) -> None:
    one = feature({"name": "Park"})
    one["geometry"] = {"type": "Polygon", "coordinates": [[[-90, 32], [-90, 33], [-91, 33, 5]]]}
    read = read_places(written(tmp_path, json.dumps(one)))
    assert read.places == [Place("Park", "", Point(32.5, -90.5))]


def test_what_names_no_place_is_left_out_and_told(tmp_path: Path) -> None:
    lines = ["name,lat,lon", ",32,-90", "A,north,-90", "B,95,-90", "C,nan,0", "D", "E,32,-90"]
    read = read_places(written(tmp_path, "\n".join(lines)))
    assert [place.name for place in read.places] == ["E"]
    assert read.left_out[0] == "line 2: has no name"
    assert [line.split(":")[0] for line in read.left_out] == [f"line {n}" for n in range(2, 7)]


def test_features_that_are_none(tmp_path: Path) -> None:
    good = feature({"name": "A"}, -90, 32)
    bad = [
        7,
        {},
        feature({"name": "B"}),
        feature([], 1, 2),
        {**good, "geometry": {"coordinates": "x"}},
    ]
    read = read_places(written(tmp_path, json.dumps({"features": [*bad, good]})))
    assert [place.name for place in read.places] == ["A"]
    assert len(read.left_out) == len(bad)


def test_a_hostile_name_is_text(tmp_path: Path) -> None:
    name = "<script>\u202ealert(1)</script>" + "x" * 300
    read = read_places(written(tmp_path, f'name,lat,lon\n"{name}",32,-90\n'))
    assert len(read.places[0].name) == reading.LONGEST
    assert read.places[0].name.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no column name"),
        ("name,lat\nA,32\n", "has no column lon"),
        ("name,lat,lon\n", "holds no places"),
        ("name,lat,lon\n,1,2\n", r"holds no places \(line 2: has no name\)"),
        ('{"features": [', "neither CSV nor GeoJSON"),
        ('{"type": "Feature"}\nx\n', "neither CSV nor GeoJSON"),
        ("{" + '"a":[' * 100_000, "neither CSV nor GeoJSON"),
    ],
)
def test_a_file_of_another_shape(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(StartError, match=said):
        read_places(written(tmp_path, text))


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartError, match="cannot read"):
        read_places(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("name,lat,lon\nPe\xf1a,1,2\n".encode("latin-1"))
    with pytest.raises(StartError, match="UTF-8"):
        read_places(tmp_path / "latin.csv")
    path = written(tmp_path, "name,lat,lon\nA,1,2\nB,1,2\n")
    monkeypatch.setattr(reading, "MOST", 1)
    with pytest.raises(StartError, match="more than 1 places"):
        read_places(path)
    monkeypatch.setattr(reading, "_MOST_BYTES", 1)
    with pytest.raises(StartError, match="larger than"):
        read_places(path)
