"""The pages' words, in English and Spanish."""

from collections.abc import Mapping

LANGUAGES = ("en", "es")

ENGLISH: Mapping[str, str] = {
    "sign_in": "Sign in",
    "link_sign_in": "Sign in by a link",
    "enter": "I have read this and agree: sign in",
    "link_refused": "This link is no longer good: it works once, for five minutes. Make another.",
    "join": "Join",
    "account": "Your account",
    "title": "Real Time Command Center of {city}",
    "acknowledge": "I have read this and agree: sign in with a passkey",
    "provider": "I have read this and agree: use the city's sign-in",
    "join_text": "You were invited. Make a passkey on this device: it replaces a password, and it"
    " cannot be stolen by a false page. The invitation is good once.",
    "make": "Make a passkey",
    "joined": "The passkey is made. Now sign in with it.",
    "console": "Open the console",
    "who": "Signed in as",
    "passkeys": "Your passkeys",
    "sessions": "Where you are signed in",
    "created": "made",
    "used": "last used",
    "this": "here",
    "remove": "Remove",
    "end": "End",
    "another": "Add a passkey on another device",
    "link": "Open this link on the other device within 15 minutes. It is good once:",
    "locked": "This session is locked. Show a passkey to go on.",
    "unlock": "Show a passkey",
    "sign_out": "Sign out",
    "out": "You are signed out.",
    "unsupported": "This browser knows no passkeys. Use a current one.",
    "cancelled": "No passkey was shown. Try again.",
    "failed": "That did not work. Try again, or ask an administrator.",
    "sign-in-refused": "The sign-in was refused. Ask an administrator.",
    "invitation-unknown": "There is no such invitation. Ask for another.",
    "invitation-used": "This invitation was used. Ask for another.",
    "invitation-expired": "This invitation has ended. Ask for another.",
    "account-state": "The account does not allow that.",
    "provider-failed": "The city's sign-in does not answer. Use a passkey, or try later.",
    "rate-limited": "Too many tries. Wait a minute.",
}

SPANISH: Mapping[str, str] = {
    "sign_in": "Iniciar sesión",
    "link_sign_in": "Iniciar sesión con un enlace",
    "enter": "He leído y acepto: iniciar sesión",
    "link_refused": "Este enlace ya no sirve: vale una sola vez, durante cinco minutos. Cree otro.",
    "join": "Unirse",
    "account": "Su cuenta",
    "title": "Centro de Mando en Tiempo Real de {city}",
    "acknowledge": "He leído y acepto: iniciar sesión con una llave de acceso",
    "provider": "He leído y acepto: usar el inicio de sesión de la ciudad",
    "join_text": "Recibió una invitación. Cree una llave de acceso en este dispositivo: sustituye a"
    " la contraseña y una página falsa no puede robarla. La invitación sirve una sola vez.",
    "make": "Crear una llave de acceso",
    "joined": "La llave de acceso está creada. Ahora inicie sesión con ella.",
    "console": "Abrir la consola",
    "who": "Sesión iniciada como",
    "passkeys": "Sus llaves de acceso",
    "sessions": "Dónde tiene la sesión abierta",
    "created": "creada",
    "used": "último uso",
    "this": "aquí",
    "remove": "Quitar",
    "end": "Terminar",
    "another": "Añadir una llave de acceso en otro dispositivo",
    "link": "Abra este enlace en el otro dispositivo en 15 minutos. Sirve una sola vez:",
    "locked": "Esta sesión está bloqueada. Muestre una llave de acceso para continuar.",
    "unlock": "Mostrar una llave de acceso",
    "sign_out": "Cerrar sesión",
    "out": "Ha cerrado la sesión.",
    "unsupported": "Este navegador no conoce las llaves de acceso. Use uno actual.",
    "cancelled": "No se mostró ninguna llave de acceso. Inténtelo de nuevo.",
    "failed": "No funcionó. Inténtelo de nuevo o pregunte a un administrador.",
    "sign-in-refused": "Se rechazó el inicio de sesión. Pregunte a un administrador.",
    "invitation-unknown": "No existe esa invitación. Pida otra.",
    "invitation-used": "Esta invitación ya se usó. Pida otra.",
    "invitation-expired": "Esta invitación ha caducado. Pida otra.",
    "account-state": "La cuenta no lo permite.",
    "provider-failed": "El inicio de sesión de la ciudad no responde. Use una llave de acceso o"
    " inténtelo más tarde.",
    "rate-limited": "Demasiados intentos. Espere un minuto.",
}

WORDS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "es": SPANISH}


def language(accepted: str) -> str:
    """Return the language that an Accept-Language header likes best of those we have."""
    best, liked = "en", 0.0
    for one in accepted.split(","):
        tag, _, weight = one.strip().partition(";")
        found = tag.strip().lower().split("-")[0]
        if found in LANGUAGES and (value := _weight(weight)) > liked:
            best, liked = found, value
    return best


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if not text.strip():
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
