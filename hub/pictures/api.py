"""HTTP: attach a still to its incident, read what is attached, delete it."""

from datetime import datetime

import msgspec

from hub.errors import NOT_FOUND, PICTURE_GONE, STORE_FAILED
from hub.http.routes import JPEG, Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope
from hub.pictures.attached import Attached
from hub.pictures.pictures import Pictures
from hub.protocol.vocabulary import Still


class PictureAnswer(msgspec.Struct, frozen=True):
    """An attached picture: of which look, who attached it when, and what it shows."""

    id: str
    look: str
    incident: str
    camera: str
    looked_by: str
    attached_by: str
    attached: datetime
    received: datetime
    still: Still
    content_type: str
    length: int
    sha256: str


class PictureList(msgspec.Struct, frozen=True):
    """The pictures of an incident, oldest first; `kept_until` is null while it is open."""

    pictures: list[PictureAnswer]
    kept_until: datetime | None


class Charged(msgspec.Struct, frozen=True):
    """Until when the incident's pictures are kept now; null while it is open."""

    kept_until: datetime | None


class DeletedPicture(msgspec.Struct, frozen=True):
    """What was deleted."""

    id: str


class PicturesApi:
    """The routes of attached pictures."""

    def __init__(self, pictures: Pictures) -> None:
        """Take the pictures."""
        self._pictures = pictures

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        scope = TokenScope.PICTURES_WRITE
        return [
            Route(
                method="POST",
                path="/api/v1/looks/{look}/attachment",
                handler=self.attach_picture,
                summary="Keep the still of a look with its incident",
                scope=scope,
                answer=PictureAnswer,
                status=201,
                problems=(NOT_FOUND, PICTURE_GONE),
            ),
            Route(
                method="GET",
                path="/api/v1/incidents/{incident}/pictures",
                handler=self.list_pictures,
                summary="The pictures attached to an incident",
                scope=scope,
                answer=PictureList,
                problems=(NOT_FOUND,),
            ),
            Route(
                method="POST",
                path="/api/v1/incidents/{incident}/charges",
                handler=self.note_charges,
                summary="Note that charges came of an incident: its pictures are kept longer",
                scope=scope,
                answer=Charged,
                problems=(NOT_FOUND,),
            ),
            Route(
                method="GET",
                path="/api/v1/pictures/{picture}",
                handler=self.read_picture,
                summary="An attached picture",
                scope=scope,
                media=JPEG,
                headers={
                    "RTCC-Look": "The id of the look that it came from",
                    "RTCC-Received": "When the home got it from its camera, RFC 3339",
                    "RTCC-Still": "What it shows: `live`, or `last` for a last recording",
                    "RTCC-Reply": "The home's signed reply (JWS): it holds the picture's SHA-256",
                },
                problems=(NOT_FOUND, STORE_FAILED),
            ),
            Route(
                method="DELETE",
                path="/api/v1/pictures/{picture}",
                handler=self.delete_picture,
                summary="Delete an attached picture before its time",
                scope=scope,
                answer=DeletedPicture,
                problems=(NOT_FOUND,),
            ),
        ]

    async def attach_picture(self, call: Call[Nothing, Nothing]) -> Answer:
        """Keep a still."""
        attached = await self._pictures.attach(call.path["look"], call.who)
        return Answer(_answer(attached), {"Location": f"/api/v1/pictures/{attached.id}"})

    async def list_pictures(self, call: Call[Nothing, Nothing]) -> Answer:
        """List what is attached to an incident."""
        found, until = await self._pictures.of(call.path["incident"], call.who)
        return Answer(PictureList([_answer(one) for one in found], until))

    async def note_charges(self, call: Call[Nothing, Nothing]) -> Answer:
        """Keep an incident's pictures longer."""
        return Answer(Charged(await self._pictures.charge(call.path["incident"], call.who)))

    async def read_picture(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show a picture; that it was read is logged."""
        opened = await self._pictures.read(call.path["picture"], call.who)
        attached = opened.attached
        return Answer(
            opened.data,
            {
                "RTCC-Look": attached.look,
                "RTCC-Received": attached.received.isoformat(),
                "RTCC-Still": attached.still,
                "RTCC-Reply": opened.reply,
            },
        )

    async def delete_picture(self, call: Call[Nothing, Nothing]) -> Answer:
        """Delete a picture."""
        id_ = call.path["picture"]
        await self._pictures.delete(id_, call.who)
        return Answer(DeletedPicture(id_))


def _answer(attached: Attached) -> PictureAnswer:
    return PictureAnswer(
        **{name: getattr(attached, name) for name in PictureAnswer.__struct_fields__}
    )
