"""The letters to those who register, in their language."""

from dataclasses import dataclass
from datetime import datetime

from hub.public.words import WORDS, Language
from hub.registrations.mail import Letter

MY_LINK = "https://my.home-assistant.io/redirect/config_flow_start/?domain=jackson_rtcc"
"""Starts the set-up in the reader's own Home Assistant; these links carry a domain, and no code."""
CONFIRM_PATH = "/register/confirm"


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes for a city whose hub is reached at `url`."""

    city: str
    url: str

    def confirm(self, to: str, secret: str, language: Language) -> Letter:
        """Ask whoever reads this address to confirm."""
        link = f"{self.url}{CONFIRM_PATH}?token={secret}&lang={language}"
        return self._letter("confirm", to, language, link=link)

    def approve(self, to: str, code: str, until: datetime, language: Language) -> Letter:
        """Hand over the enrolment code."""
        return self._letter(
            "approve",
            to,
            language,
            my_link=MY_LINK,
            url=self.url,
            code=code,
            until=f"{until:%Y-%m-%d}",
        )

    def decline(self, to: str, reason: str, language: Language) -> Letter:
        """Say no, and why."""
        return self._letter("decline", to, language, reason=reason)

    def _letter(self, name: str, to: str, language: Language, **values: str) -> Letter:
        words = WORDS[language]["letter"]
        subject = words[f"{name}_subject"].format(city=self.city)
        return Letter(to, subject, words[name].lstrip().format(city=self.city, **values))
