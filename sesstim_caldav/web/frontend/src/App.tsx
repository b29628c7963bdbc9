import { useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { BookingDialog } from "./dialog/BookingDialog.tsx";
import { signInAgain } from "./dialog/keeping.ts";
import { ScopeQuestion } from "./dialog/Scope.tsx";
import { mount } from "./api.ts";
import { aloud, announce, connected, dialog, go, heard, place, readPlace, refreshAll, rooms, signedOut, today, trouble, shownDay, writePlace, roomName } from "./state.ts";
import { Toasts } from "./toast/Undo.tsx";
import { Bookings } from "./views/Bookings.tsx";
import { Dashboard } from "./views/Dashboard.tsx";
import { Find } from "./views/Find.tsx";
import { RoomPage } from "./views/RoomPage.tsx";
import { capitalised, longDate, say } from "./words.ts";

export function App() {
  useLinks();
  useTitle();
  const here = place.value;
  return (
    <>
      <Banner />
      {!rooms.value.length ? <p class="empty">{say("noRooms")}</p>
        : here.page === "room" ? <RoomPage slug={here.slug} />
        : here.page === "bookings" ? <Bookings />
        : here.page === "find" ? <Find />
        : <Dashboard />}
      <p id="keys" class="unseen">{say("keys")}</p>
      <BookingDialog />
      <ScopeQuestion />
      <Toasts />
      <p class="unseen" role="status" aria-live="polite">{aloud.value}</p>
    </>
  );
}

function Banner() {
  if (signedOut.value && !dialog.value) {
    return (
      <div class="banner" role="alert">
        <span>{say("signInAgain")}</span>
        <button type="button" onClick={signInAgain}>{say("signIn")}</button>
      </div>
    );
  }
  if (!connected.value) return <div class="banner" role="status"><i class="pulse" />{say("offline")}</div>;
  if (trouble.value !== null) {
    return (
      <div class="banner" role="status">
        <span>{trouble.value || say("failed")}</span>
        <button type="button" onClick={() => { heard.value++; void refreshAll(); }}>{say("retry")}</button>
      </div>
    );
  }
  return null;
}

const PLACES = /^(?:$|\?|rooms\/|bookings|find)/;

/** Links to the dashboard's own addresses are followed without a new page. */
function useLinks(): void {
  useEffect(() => {
    const follow = (event: MouseEvent): void => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[href]");
      if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin || link.hash) return;
      const path = link.pathname + link.search;
      if (!path.startsWith(mount) || !PLACES.test(path.slice(mount.length))) return;
      event.preventDefault();
      dialog.value = null;
      go(readPlace(link));
      if (link.closest("header")) {
        scrollTo(0, 0);
        requestAnimationFrame(() => announce(document.title));
      }
    };
    document.addEventListener("click", follow);
    return () => document.removeEventListener("click", follow);
  }, []);
}

/** The window's title and the place in the menu follow the address. */
function useTitle(): void {
  useSignalEffect(() => {
    const here = place.value;
    const site = document.title.split(" · ").pop() ?? "";
    const title = here.page === "bookings" ? say("mineTitle") : here.page === "find" ? say("findTitle")
      : here.page === "room" ? roomName(here.slug)
      : shownDay.value === today.value ? say("dashboard") : capitalised(longDate(shownDay.value));
    document.title = `${title} · ${site}`;
    // the switch of language comes back to where the page has gone meanwhile
    for (const next of document.querySelectorAll<HTMLInputElement>('header input[name="next"]')) next.value = writePlace(here).replace(mount, "/");
    const menu: Record<string, string> = { dashboard: mount, room: "", bookings: writePlace({ page: "bookings", when: "coming" }), find: `${mount}find` };
    for (const link of document.querySelectorAll<HTMLAnchorElement>("header nav a")) {
      if (link.pathname === menu[here.page]) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  });
}
