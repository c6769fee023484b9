// The reviewer's screen. It talks to its desk itself, so that a decision costs one short exchange and no run of the page.

const KEYS = { u: "unreadable", n: "no number", s: "skip" };

// Unlike randomUUID, there on addresses without TLS, too.
const token = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

class Walk {
  constructor(root, finished) {
    this.find = (name) => root.querySelector(`[data-is="${name}"]`);
    this.finished = finished;
    this.desk = null;
    this.waiting = null; // what was sent and not answered yet; sent again until it is
    this.typed = []; // keys pressed meanwhile
    this.field = null;
    this.kept = {}; // pictures fetched ahead
    this.reviewer = sessionStorage.tridigitReviewer ??= token();
    const input = this.find("number");
    root.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("input", () => this.changed());
    for (const button of root.querySelectorAll("button")) {
      button.addEventListener("click", () => (this.does(button.dataset.does), input.focus()));
    }
    // Where the focus is on nothing that takes keys, as after the page was drawn anew, they are for this screen.
    addEventListener("keydown", (event) => {
      if (document.activeElement?.matches("input, textarea, select, button, a") || !this.find("walk").isConnected) return;
      input.focus();
      this.key(event);
    });
    addEventListener("pagehide", () => this.leave());
  }

  // To a desk, or to the same one, where there may be more to do than before.
  connect({ desk, left, most }) {
    this.most = most; // digits of a number
    if (desk === this.desk) return left && !this.field && !this.waiting && this.send({});
    this.desk = desk;
    clearTimeout(this.again);
    // What was sent before this page was loaded again, and not answered, may not have come: it is sent once more.
    this.send(JSON.parse(sessionStorage[`tridigit ${desk}`] ?? "{}"));
  }

  leave() {
    navigator.sendBeacon(`/desk/${this.desk}`, JSON.stringify({ reviewer: this.reviewer, leave: true }));
  }

  async send(what) {
    const desk = this.desk;
    this.waiting = what;
    sessionStorage[`tridigit ${desk}`] = JSON.stringify(what);
    this.find("walk").classList.add("busy");
    let answer;
    try {
      const body = JSON.stringify({ reviewer: this.reviewer, ...what });
      const reply = await fetch(`/desk/${desk}`, { method: "POST", body });
      answer = await reply.json();
      if (reply.status === 400) this.waiting = {}; // refused: it will be so the next time
      if (!reply.ok) throw new Error(answer.error);
    } catch (error) {
      if (desk !== this.desk) return;
      this.say(`Not stored yet: the server does not answer (${error.message}). This goes on by itself.`);
      this.again = setTimeout(() => this.send(this.waiting ?? {}), 1000);
      return;
    }
    if (desk !== this.desk) return;
    delete sessionStorage[`tridigit ${desk}`];
    await this.show(answer);
    this.waiting = null;
    this.find("walk").classList.remove("busy");
    const typed = this.typed.splice(0);
    while (typed.length && !this.waiting) this.typeKey(typed.shift());
    this.typed.push(...typed);
  }

  async show(answer) {
    this.answer = answer;
    const [field] = answer.fields;
    this.keep(answer.fields);
    this.progress(answer);
    this.say(answer.note);
    this.field = field ?? null;
    this.find("field").hidden = !field;
    this.find("end").hidden = !!field;
    this.find("walk").classList.toggle("done", !field);
    if (!field) return this.end(answer);
    if (this.told) this.finished(); // not any more: what the page says of the end is gone
    this.told = false;
    this.sure = null;
    const input = this.find("number");
    input.value = field.number;
    this.find("name").textContent = field.name;
    this.find("why").textContent = field.why;
    await this.picture(field);
    input.focus();
    input.select();
    this.since = performance.now();
    this.find("walk").dataset.shown = field.id;
  }

  async picture(field) {
    const image = this.kept[field.id];
    this.find("picture").replaceChildren(image);
    await image.decode().catch(() => this.say("This image cannot be shown. It may have been moved."));
  }

  keep(fields) {
    const kept = {};
    for (const field of fields) {
      kept[field.id] = this.kept[field.id] ?? new Image();
      kept[field.id].alt = "the field";
      kept[field.id].src ||= `/desk/${this.desk}/${field.id}.png`;
    }
    this.kept = kept;
  }

  progress({ decided, skipped, left, secondsLeft, undo, accepted }) {
    const all = decided + skipped + left;
    const minutes = Math.ceil(secondsLeft / 60);
    const time = !decided || !left ? "" : minutes > 1 ? `, about ${minutes} minutes left` : ", about a minute left";
    const skips = skipped ? `, ${skipped} skipped` : "";
    this.find("bar").max = all || 1;
    this.find("bar").value = decided + skipped;
    this.find("count").textContent = `${decided} of ${all} decided${skips}${time}`;
    this.find("accepted").textContent = accepted;
    this.find("undo").disabled = !undo;
  }

  end({ held, left }) {
    const walk = this.find("walk");
    walk.dataset.shown = "";
    const last = held === 1 ? "Others have the last field on a screen" : `Others have the last ${held} fields on their screens`;
    this.find("end").textContent = left ? `${last}. What they do not decide comes here.` : "Nothing is left to decide.";
    if (left) this.again = setTimeout(() => this.send({}), 3000);
    else if (!this.told) this.finished();
    this.told = !left;
  }

  say(text) {
    this.find("note").textContent = text ?? "";
  }

  key(event) {
    event.stopPropagation(); // the page has keys of its own
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "BUTTON") return;
    const wanted = event.key === "Enter" || event.key === "Backspace" || event.key.length === 1;
    if (!wanted) return;
    if (this.waiting) {
      event.preventDefault();
      this.typed.push(event.key);
    } else if (!/^[0-9]$/.test(event.key) && event.key !== "Backspace") {
      event.preventDefault();
      this.typeKey(event.key);
    }
  }

  // A key as it was meant when it was pressed: for the field that is shown now.
  typeKey(key) {
    const input = this.find("number");
    const put = (text, from) => (input.setRangeText(text, from, input.selectionEnd, "end"), this.changed());
    if (/^[0-9]$/.test(key)) put(key, input.selectionStart);
    else if (key === "Enter") this.does("take");
    else if (key === "Backspace") put("", Math.max(0, input.selectionStart - 1));
    else if (key.toLowerCase() === "z") this.does("undo");
    else if (KEYS[key.toLowerCase()]) this.does(KEYS[key.toLowerCase()]);
  }

  changed() {
    const input = this.find("number");
    const digits = input.value.replace(/[^0-9]/g, "");
    if (digits !== input.value) input.value = digits;
    this.say(this.tooMany(digits.length));
    this.sure = null;
  }

  tooMany(count) {
    if (count > this.most) return `${count} digits: a number has at most ${this.most}.`;
    return count > this.field?.places ? `${count} digits instead of ${this.field.places}.` : "";
  }

  does(what) {
    if (this.waiting) return;
    if (what === "undo") return this.answer?.undo && this.send({ undo: this.answer.undo });
    if (!this.field) return;
    if (what !== "take") return this.decide(what, "");
    const number = this.find("number").value;
    if (!number) return this.say("Type the number, or press u (unreadable), n (no number) or s (skip).");
    if (number.length > this.most) return this.say(this.tooMany(number.length));
    const { places, why } = this.field;
    const asRead = number === this.field.number && !why; // with a reason why there is no number, it is of another count
    if (number.length !== places && this.sure !== number && !asRead) {
      this.sure = number;
      const digits = number.length === 1 ? "digit" : "digits";
      return this.say(`${number.length} ${digits} instead of ${places}: press Enter again if that is right.`);
    }
    this.decide("number", number);
  }

  decide(verdict, number) {
    const seconds = (performance.now() - this.since) / 1000;
    this.send({ decision: { token: token(), field: this.field.id, verdict, number, seconds } });
  }
}

const walks = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let walk = walks.get(parentElement);
  if (!walk) walks.set(parentElement, (walk = new Walk(parentElement, () => setTriggerValue("finished", true))));
  walk.finished = () => setTriggerValue("finished", true);
  walk.connect(data);
  return () => clearTimeout(walk.again);
}
