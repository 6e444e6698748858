// What the pages do beyond showing themselves: times in the reader's zone, and the
// live parts kept up to date. Everything works without it.
"use strict";

(() => {
  const root = document.documentElement;
  const seconds = { day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit" };
  const written = new Intl.DateTimeFormat(root.lang, seconds);
  const whole = new Intl.DateTimeFormat(root.lang, { dateStyle: "full", timeStyle: "long" });

  // Instants come as UTC; a page is read somewhere.
  const localise = (within) => {
    for (const time of within.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const year = at.getFullYear() === new Date().getFullYear() ? "" : ` ${at.getFullYear()}`;
      time.textContent = written.format(at) + year;
      time.title = whole.format(at);
    }
  };

  // Where the reader is within a part that is exchanged: what is open, what has the
  // focus, how far it is scrolled.
  const place = (part) => ({
    open: [...part.querySelectorAll("details[id][open]")].map((one) => one.id),
    focus: part.contains(document.activeElement) ? path(part, document.activeElement) : null,
  });

  const path = (part, element) => {
    const steps = [];
    for (let one = element; one !== part; one = one.parentElement) {
      steps.unshift([...one.parentElement.children].indexOf(one));
    }
    return steps;
  };

  const restore = (part, { open, focus }) => {
    for (const id of open) part.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    if (!focus) return;
    let one = part;
    for (const step of focus) one = one?.children[step];
    one?.focus({ preventScroll: true });
  };

  // What the server sent last, by part: what differs is exchanged.
  const known = new Map();
  for (const part of document.querySelectorAll("[data-live][id]")) known.set(part.id, part.innerHTML);

  const exchange = (text) => {
    const news = new DOMParser().parseFromString(text, "text/html");
    for (const part of news.querySelectorAll("[data-live][id]")) {
      const here = document.getElementById(part.id);
      if (!here || known.get(part.id) === part.innerHTML) continue;
      known.set(part.id, part.innerHTML);
      const was = place(here);
      here.replaceChildren(...document.adoptNode(part).childNodes);
      localise(here);
      restore(here, was);
    }
  };

  let looking = false;
  let again = false;
  const look = async () => {
    if (looking) { again = true; return; }
    looking = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Zelador-Look": "1" }, redirect: "manual" });
      if (answer.type === "opaqueredirect") { location.reload(); return; }
      if (answer.ok) exchange(await answer.text());
    } catch {
      // The stream says that the connection is lost.
    } finally {
      looking = false;
      if (again) { again = false; look(); }
    }
  };

  const sign = document.querySelector(".live");
  const say = (on) => {
    if (!sign) return;
    const text = on ? document.body.dataset.liveOn : document.body.dataset.liveOff;
    if (sign.textContent !== text) sign.textContent = text;
    sign.classList.toggle("off", !on);
    sign.hidden = false;
  };

  let stream = null;
  const follow = () => {
    if (stream || document.hidden || !document.querySelector("[data-live]")) return;
    stream = new EventSource("/dashboard/live");
    stream.addEventListener("open", () => say(true));
    stream.addEventListener("look", look);
    stream.addEventListener("error", () => {
      say(false);
      // A refused stream is not asked for again by itself.
      if (stream?.readyState === EventSource.CLOSED) { rest(); setTimeout(follow, 5000); }
    });
  };
  const rest = () => { stream?.close(); stream = null; };
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : follow()));
  addEventListener("pagehide", rest);

  localise(document);
  if (document.querySelector("[data-live]") && sign) follow();

  // A choice takes effect when it is made.
  for (const form of document.querySelectorAll("form.prefer, form.auto")) {
    form.querySelector("button")?.classList.add("hidden");
    form.addEventListener("change", () => form.requestSubmit());
  }
  document.querySelector(".wide [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  document.querySelector(".frame > nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // A form is sent once.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
})();
