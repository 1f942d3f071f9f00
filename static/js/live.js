/**
 * <live-topic url="/live/northwind/meeting-7hq2k9xdmp/" after="418"></live-topic>
 *
 * Hears what changes in one topic while the page is open. A change of the fragment "agenda" becomes the event
 * "live:agenda" on the body, and whatever carries hx-trigger="live:agenda from:body" reads itself again.
 * `after` is the number of the last change that the page already shows; the server sends all that came since,
 * also after the connection was lost.
 *
 * Elements with the class "live" show the state: data-state is "live" or "lost", and the text is taken from
 * data-live-text and data-lost-text where these are given.
 */

const GATHER = 20; // ms: what arrives together is announced together, each fragment once
const RETRY_FIRST = 1_000;
const RETRY_AT_MOST = 30_000;
const REST_WHEN_HIDDEN = 60_000; // a browser has few connections to a host; tabs nobody looks at give theirs up

class LiveTopic extends HTMLElement {
  #source = null;
  #last = 0;
  #changed = new Map();
  #gathering = 0;
  #retrying = 0;
  #wait = RETRY_FIRST;
  #resting = 0;
  #hidden = () => this.#rest();

  connectedCallback() {
    this.#last = Number(this.getAttribute("after") ?? 0);
    document.addEventListener("visibilitychange", this.#hidden);
    this.#open();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#hidden);
    clearTimeout(this.#resting);
    clearTimeout(this.#gathering);
    this.#close();
  }

  #open() {
    this.#close();
    const url = new URL(this.getAttribute("url"), location.href);
    url.searchParams.set("after", this.#last);
    this.#source = new EventSource(url);
    this.#source.addEventListener("open", () => {
      this.#wait = RETRY_FIRST;
      this.#show("live");
    });
    this.#source.addEventListener("change", (message) => this.#hear(JSON.parse(message.data)));
    this.#source.addEventListener("stale", () => location.reload());
    this.#source.addEventListener("error", () => this.#lose());
  }

  #close() {
    clearTimeout(this.#retrying);
    this.#source?.close();
    this.#source = null;
  }

  #hear({ fragment, number }) {
    if (number <= this.#last) return;
    this.#last = number;
    this.#changed.set(fragment, number);
    this.#gathering ||= setTimeout(() => {
      this.#gathering = 0;
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const [name, detail] of changed) {
        document.body.dispatchEvent(new CustomEvent(`live:${name}`, { detail: { number: detail } }));
      }
    }, GATHER);
  }

  /** A lost connection comes back by itself; one that was refused has to be asked for again. */
  #lose() {
    this.#show("lost");
    if (this.#source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.#retrying);
    this.#retrying = setTimeout(() => this.#open(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, RETRY_AT_MOST);
  }

  #rest() {
    clearTimeout(this.#resting);
    if (document.hidden) {
      this.#resting = setTimeout(() => this.#close(), REST_WHEN_HIDDEN);
    } else if (!this.#source) {
      this.#open();
    }
  }

  #show(state) {
    for (const indicator of document.querySelectorAll(".live")) {
      indicator.dataset.state = state;
      const text = indicator.dataset[`${state}Text`];
      if (text) indicator.textContent = text;
    }
  }
}

customElements.define("live-topic", LiveTopic);
