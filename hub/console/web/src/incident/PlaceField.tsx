// Where it is: coordinates, an address from the hub's list, or a click on the map.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { settings } from "../state/store";
import { type Place, written } from "./coordinates";
import { Flaw } from "./Field";
import { takeClicks } from "./picking";
import { type Found, offered, type Offer, search } from "./search";
import { t } from "./words";

export function PlaceField(props: {
  place: Place | null;
  flaw: string | undefined;
  onPlace: (place: Place | null) => void;
}) {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found>({ state: "none" });
  const [active, setActive] = useState(-1);
  const [open, setOpen] = useState(false);
  const id = useId();
  const { centre = null, places = false } = settings.value ?? {};
  const offers = found.state === "offers" ? found.offers : [];

  function take(place: Place, name: string): void {
    setText(name);
    setOpen(false);
    props.onPlace(place);
  }
  // Whoever cancelled picking on the map gets it back by coming here.
  const stop = useRef(() => {});
  function listen(): void {
    stop.current();
    stop.current = takeClicks((place) => take(place, written(place)));
  }
  useEffect(() => {
    listen();
    return () => stop.current();
  }, []);
  useEffect(() => {
    if (found.state !== "searching") return;
    return search(text, centre, (now) => {
      setFound(now);
      setActive(now.state === "offers" ? 0 : -1);
      setOpen(now.state === "offers");
    });
  }, [text, found.state]);

  function typed(next: string): void {
    setText(next);
    const now = offered(next, centre, places);
    setFound(now);
    setOpen(false);
    props.onPlace(now.state === "coordinates" ? now.offer : null);
  }
  function choose(offer: Offer): void {
    setFound({ state: "none" });
    take({ lat: offer.lat, lon: offer.lon }, offer.name);
  }
  function pressed(event: KeyboardEvent): void {
    if (!open) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setActive((active + step + offers.length) % offers.length);
    else if (event.key === "Enter" && offers[active]) choose(offers[active]);
    else if (event.key === "Escape") setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div class="field place">
      <label for={id}>{t("place")}</label>
      <input
        id={id}
        type="text"
        role="combobox"
        name="place"
        autocomplete="off"
        spellcheck={false}
        maxLength={200}
        value={text}
        aria-expanded={open}
        aria-autocomplete="list"
        aria-controls={`${id}-list`}
        aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={props.flaw !== undefined}
        aria-describedby={`${id}-how ${id}-flaw`}
        onFocus={listen}
        onInput={(event) => typed(event.currentTarget.value)}
        onKeyDown={pressed}
        onBlur={() => setOpen(false)}
      />
      <ul id={`${id}-list`} role="listbox" class="offers" hidden={!open} aria-label={t("places")}>
        {offers.map((offer, index) => (
          <li
            key={index}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            onMouseDown={(event) => {
              event.preventDefault();
              choose(offer);
            }}
          >
            <bdi>{offer.name}</bdi>
            {offer.detail && <bdi class="quiet small">{offer.detail}</bdi>}
          </li>
        ))}
      </ul>
      <p id={`${id}-how`} class="quiet small" aria-live="polite">
        {hint(found, props.place, places)}
      </p>
      <Flaw id={`${id}-flaw`}>{props.flaw}</Flaw>
    </div>
  );
}

function hint(found: Found, place: Place | null, places: boolean): string {
  if (found.state === "coordinates") return found.offer.detail;
  if (found.state === "offers" && !place) return t("placesFound", { count: found.offers.length });
  if (place) return t("placeSet", { place: written(place) });
  if (found.state === "range") return t("placeRange");
  if (found.state === "empty") return t("placeNone");
  if (found.state === "failed") return t("placeFailed");
  return t(places ? "placeHowSearch" : "placeHow");
}
