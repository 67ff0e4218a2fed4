// Sign-in, join and account: asks the API, and the browser for passkeys.

const main = document.querySelector("main");
const words = JSON.parse(main.dataset.words);
const by = (id) => document.getElementById(id);

class Refused extends Error {
  constructor(problem) {
    super(problem);
    this.problem = problem;
  }
}

async function ask(method, path, body) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (ask.csrf) headers["X-RTCC-CSRF"] = ask.csrf;
  const answer = await fetch(`/api/v1/${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const problem = await answer.json().catch(() => ({ type: "" }));
  throw new Refused(problem.type.replace("urn:jackson-rtcc:problem:", ""));
}

function say(word) {
  by("message").textContent = Object.hasOwn(words, word) ? words[word] : words.failed;
}

// Runs what a button is for: once at a time, and tells what went wrong.
function when(button, action) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    by("message").textContent = "";
    try {
      await action();
    } catch (error) {
      if (error instanceof Refused) say(error.problem);
      else if (error.name === "NotAllowedError") say("cancelled");
      else say("failed");
    } finally {
      button.disabled = false;
    }
  });
}

async function show(challenge) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(challenge.options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}

// Where a page that needs a session sent us from. It asks before it does anything.
const CAME_FROM = /^#(\/look\/[\w-]{1,64}\/[\w-]{1,64})$/;

// Which of our own pages to go on to: ?next=/console. Nobody is led to another site.
const OWN_PAGES = ["/console", "/account"];
const NEXT = "rtcc-next";

function signIn() {
  const back = CAME_FROM.exec(location.hash)?.[1];
  const wanted = new URLSearchParams(location.search).get("next");
  const next = OWN_PAGES.includes(wanted) ? wanted : null;
  // The city's own sign-in leads to the account, which goes on from there.
  by("provider")?.addEventListener("click", () => {
    if (next) sessionStorage.setItem(NEXT, next);
    else sessionStorage.removeItem(NEXT);
  });
  when(by("sign-in"), async () => {
    const challenge = await ask("POST", "session/challenge", {
      banner: by("banner").dataset.digest,
    });
    await ask("POST", "session", { credential: await show(challenge) });
    location.assign(back ? `${back}#ask` : (next ?? "/account"));
  });
  if (location.hash.length > 1 && !back) say(location.hash.slice(1));
}

function join() {
  // The secret leaves the address bar at once; it was never in a request line.
  const secret = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  when(by("make"), async () => {
    const challenge = await ask("POST", "join/challenge", { secret });
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(challenge.options);
    const made = await navigator.credentials.create({ publicKey });
    await ask("POST", "join", { secret, credential: made.toJSON() });
    location.assign("/sign-in#joined");
  });
}

// A link signs in once, without a passkey; where the city allows none there is no such page.
function link() {
  const secret = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  when(by("enter"), async () => {
    try {
      await ask("POST", "session/link", { secret, banner: by("banner").dataset.digest });
    } catch (error) {
      throw error.problem === "sign-in-refused" ? new Refused("link_refused") : error;
    }
    location.assign("/console");
  });
}

function line(list, text, button, action) {
  const item = document.createElement("li");
  item.append(text);
  if (button) {
    const pressed = document.createElement("button");
    pressed.type = "button";
    pressed.textContent = button;
    when(pressed, action);
    item.append(pressed);
  }
  by(list).append(item);
}

const moment = (text) =>
  new Date(text).toLocaleString(document.documentElement.lang, {
    dateStyle: "medium",
    timeStyle: "short",
  });

async function unlock() {
  const challenge = await ask("POST", "session/unlock/challenge");
  await ask("POST", "session/unlock", { credential: await show(challenge) });
}

async function account() {
  let session;
  try {
    session = await ask("GET", "session");
  } catch {
    location.replace("/sign-in");
    return;
  }
  const next = sessionStorage.getItem(NEXT);
  sessionStorage.removeItem(NEXT);
  if (next === "/console") {
    location.replace(next);
    return;
  }
  ask.csrf = session.csrf;
  by("sign-out").hidden = false;
  by("locked").hidden = session.state !== "locked";
  by("open").hidden = session.state === "locked";
  if (session.state === "locked") return;
  const mine = await ask("GET", "account");
  for (const part of ["name", "pseudonym", "role"]) by(part).textContent = mine[part];
  by("passkeys").replaceChildren();
  by("sessions").replaceChildren();
  for (const key of mine.passkeys) {
    const used = key.last_used ? `, ${words.used} ${moment(key.last_used)}` : "";
    const text = `${key.id.slice(0, 8)}: ${words.created} ${moment(key.created)}${used}`;
    line("passkeys", text, mine.passkeys.length > 1 && words.remove, async () => {
      await unlock();
      await ask("DELETE", `account/passkeys/${key.id}`);
      await account();
    });
  }
  for (const one of mine.sessions) {
    const text = `${moment(one.signed_in)}, ${words.used} ${moment(one.last_used)}`;
    if (one.this) line("sessions", `${text} (${words.this})`);
    else {
      line("sessions", text, words.end, async () => {
        await ask("DELETE", `account/sessions/${one.id}`);
        await account();
      });
    }
  }
}

function accountPage() {
  when(by("unlock"), async () => {
    await unlock();
    await account();
  });
  when(by("another"), async () => {
    await unlock();
    by("address").textContent = (await ask("POST", "account/invitations")).link;
    by("link").hidden = false;
  });
  when(by("sign-out"), async () => {
    await ask("DELETE", "session");
    location.assign("/sign-in#out");
  });
  account().catch(() => say("failed"));
}

const withoutPasskey = ["account", "link-sign-in"].includes(main.dataset.page);
if (!withoutPasskey && !window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  say("unsupported");
}
if (main.dataset.page === "sign-in" && by("sign-in")) signIn();
if (main.dataset.page === "join") join();
if (main.dataset.page === "link-sign-in") link();
if (main.dataset.page === "account") accountPage();
