/* What the pages say, in French and in English, and dates as each language writes them. */

import { clock, dayOfMonth, month, ordinalInMonth, weekday, year, type Day } from "./time.ts";

export type Language = "fr" | "en";

/** Narrow no-break space, before : ; ! ? in French. */
const N = "\u202f";
const NB = "\u00a0";

const FR = {
  day: "Jour", week: "Semaine", month: "Mois", today: "Aujourd’hui", previous: "Précédent", next: "Suivant",
  unavailable: "Pas disponible", pickDate: "Choisir une date", views: "Période", room: "Salle", date: "Date", start: "Début", end: "Fin",
  note: "Note", advanced: "Options avancées", description: "Description", repeats: "Répéter", private: "Privé", confirm: "Confirmer",
  remove: "Supprimer la réservation", close: "Fermer", behalf: "Au nom de", dashboard: "Tableau de bord", mineTitle: "Mes réservations", findTitle: "Trouver une salle",
  never: "Jamais", daily: "Journalier", weekdays: "Chaque jour ouvré", weekly: "Hebdomadaire", fortnightly: "Toutes les deux semaines", monthly: "Mensuel", yearly: "Annuel",
  everyN: "Tous les {n} {unit}", stops: "S’arrête", stopsUntil: "un jour donné", stopsCount: "après un nombre de fois", stopsNever: "jamais", until: "Jusqu’au", count: "Nombre de fois", onDays: "Les jours",
  monthlyBy: "Chaque mois", byDate: "le {n}", byWeekday: "le {ordinal} {weekday}", byLast: "le dernier {weekday}", shortMonths: "Les mois sans {n} sont sautés.",
  mine: "Mes réservations", taken: "Réservé", privateLegend: "Privé", you: "Vous", reserved: "Réservé", past: "Passée",
  seats: "{n} place", seatsMany: "{n} places",
  freeUntil: "Libre jusqu’à {time}", freeAllDay: "Libre toute la journée", freeRest: "Libre jusqu’au soir", takenUntil: "Occupée jusqu’à {time}", closedDay: "Fermée ce jour", closedNow: "Fermée pour aujourd’hui", freeFrom: "Libre à partir de {time}", full: "Complète", hoursFree: "{hours} libres", upcomingNone: "Aucune réservation", upcomingNoneMore: "Plus aucune réservation",
  bookRoom: "Réserver : {room}", changeBooking: "Modifier la réservation", bookingOf: "Réservation de {name}", privateHint: "Les autres verront « Réservé » et votre nom.",
  hint: "Visible de tous : pas d’information confidentielle.",
  sensitivePhone: "Cette note semble contenir un numéro de téléphone. Elle est visible de tous : est-ce voulu ?",
  sensitiveNumber: "Cette note semble contenir un numéro de sécurité sociale. Ne l’écrivez pas ici : la note est visible de tous.",
  sensitiveMail: "Cette note semble contenir une adresse électronique. Elle est visible de tous : est-ce voulu ?",
  sensitiveHealth: "Cette note semble parler d’une personne et de sa santé. Elle est visible de tous : mieux vaut rester général.",
  examining: "Vérification…", saving: "Enregistrement…", ok: "Libre", reason: "Motif (envoyé à l’organisateur)", writeTo: "Écrire à {name}",
  anotherWay: "Autres possibilités", free: "Libre", takenBy: "Pris par {name}",
  scope: "Appliquer à", scopeThis: "Cette occurrence", scopeFollowing: "Cette occurrence et les suivantes", scopeAll: "Toute la série", scopeAskMove: "Déplacer quelle partie de la série ?", series: "Série",
  booked: "Réservé : {slot}", bookedMany: "{n} réservations faites", moved: "Déplacé : {slot}", changed: "Réservation modifiée", removed: "Réservation supprimée", removedMany: "{n} réservations supprimées", undo: "Annuler", undone: "C’est annulé", undoLate: "Il est trop tard pour annuler.",
  dismiss: "Masquer",
  offline: "La connexion est perdue. La page se mettra à jour dès qu’elle revient.", online: "La connexion est revenue", reconnecting: "La connexion est perdue, nouvel essai…",
  offlineConfirm: "Le réseau ne répond pas. Ce que vous avez saisi reste ici ; confirmez à nouveau quand il revient : la réservation ne sera pas faite deux fois.",
  unavailableNow: "Les réservations ne peuvent pas être enregistrées pour l’instant. Réessayez dans un moment.", failed: "Cela n’a pas fonctionné. Réessayez.", tooMany: "Trop de demandes en peu de temps. Réessayez dans un instant.",
  changedMeanwhile: "Cette réservation a changé entre-temps :", seeCurrent: "Voir la version actuelle", applyAnyway: "Garder mes modifications", gone: "Cette réservation n’existe plus.",
  signInAgain: "Votre session est terminée. Connectez-vous : ce que vous avez saisi vous attendra.", signIn: "Se connecter",
  keys: "Flèches : choisir un créneau. Maj et flèche : l’allonger. Entrée : réserver. Échap : quitter.", keysShort: "Glissez pour réserver. Clavier : flèches, Maj + flèches, Entrée", occupation: "Occupation des salles", occupationOf: "Occupation : {room}",
  slotFree: "{slot}, libre", slotTaken: "{slot}, pris par {name}",
  weekOf: "semaine du {day}", freeBetween0: "aucune salle libre de {from} à {to}", freeBetween1: "1 salle libre de {from} à {to}", freeBetweenN: "{n} salles libres de {from} à {to}", pastDay: "passé", closed: "fermé", monthLegend: "Une barre par salle, de {from} à {to}", mineCount1: "1 réservation à vous", mineCountN: "{n} réservations à vous", full1: "{percent} % occupé",
  bookNow: "Réserver", bookFor: "Réserver à {time}", roomPage: "La salle", print: "Imprimer", allRooms: "Toutes les salles", caldavAddress: "Adresse CalDAV", equipment: "Équipement", place: "Lieu", subscriptions: "Abonnements", subscribe: "S’abonner depuis mon compte", now: "Maintenant", prepare: "Salle, horaires et jours",
  coming: "À venir", pastTab: "Passées", search: "Chercher dans mes réservations", noComing: "Aucune réservation à venir", noComingHint: "Glissez sur le tableau de bord pour réserver, ou cherchez une salle.", noPast: "Aucune réservation passée", noMatch: "Aucune réservation ne correspond à « {q} »", unused: "Une réservation dont vous n’avez plus besoin ? Supprimez-la : quelqu’un cherche peut-être cette salle.", cancelSelected: "Supprimer la sélection", cancelSelectedN: "Supprimer la sélection ({n})", select: "Choisir {title}", bookAgain: "Réserver à nouveau", open: "Ouvrir", nextDates: "Prochaines dates : {dates}", notCancelled: "N’ont pas pu être supprimées : {titles}", more: "Suite", chosen1: "1 choisie", chosenN: "{n} choisies", ended: "terminée",
  days: "Dates", addDate: "Ajouter une date", dropDate: "Retirer {date}", length: "Durée", earliest: "Au plus tôt", latest: "Au plus tard", seatsAtLeast: "Places", any: "indifférent", findButton: "Chercher", foundNone: "Aucune salle n’est libre à toutes ces dates.", nearest: "Au plus près", found1: "1 salle libre", foundN: "{n} salles libres", foundFor: "pour {days}", searching: "Recherche…", findIntro: "Dites quand et pour combien de personnes ; un clic réserve.",
  dates1: "1 date", datesN: "{n} dates", endless: "sans fin", loading: "Chargement…", retry: "Réessayer", none: "aucune", editable: "modifiable", keepsRule: "Règle : {rule}", customRule: "La répétition vient d’un autre agenda et reste telle quelle.",
  nobody: "Personne ne correspond", me: "moi-même", privateTo: "privé", weekSummary: "{n} réservations", weekSummary1: "1 réservation", moreN: "+ {n}", takenDates: "Déjà pris :", goTo: "Aller au {day}", timeInvalid: "Heure non comprise : écrivez 9:30", endBeforeStart: "La fin doit venir après le début.", inThePast: "Ce créneau est passé.", noRooms: "Aucune salle n’est encore configurée.", organiser: "Organisateur", times: "Horaires", when: "Quand", slotHandleStart: "Déplacer le début", slotHandleEnd: "Déplacer la fin", discard: "Votre saisie n’est pas enregistrée.",
} as const;

type Key = keyof typeof FR;

const EN: Record<Key, string> = {
  day: "Day", week: "Week", month: "Month", today: "Today", previous: "Previous", next: "Next",
  unavailable: "Not available", pickDate: "Choose a date", views: "Period", room: "Room", date: "Date", start: "Start", end: "End",
  note: "Note", advanced: "Advanced options", description: "Description", repeats: "Repeats", private: "Private", confirm: "Confirm",
  remove: "Delete booking", close: "Close", behalf: "On behalf of", dashboard: "Dashboard", mineTitle: "My bookings", findTitle: "Find a room",
  never: "Never", daily: "Daily", weekdays: "Every weekday", weekly: "Weekly", fortnightly: "Every two weeks", monthly: "Monthly", yearly: "Yearly",
  everyN: "Every {n} {unit}", stops: "Stops", stopsUntil: "on a given day", stopsCount: "after a number of times", stopsNever: "never", until: "Until", count: "Number of times", onDays: "On",
  monthlyBy: "Every month", byDate: "on the {n}", byWeekday: "on the {ordinal} {weekday}", byLast: "on the last {weekday}", shortMonths: "Months without a {n} are skipped.",
  mine: "My bookings", taken: "Reserved", privateLegend: "Private", you: "You", reserved: "Reserved", past: "Past",
  seats: "{n} seat", seatsMany: "{n} seats",
  freeUntil: "Free until {time}", freeAllDay: "Free all day", freeRest: "Free until the evening", takenUntil: "Taken until {time}", closedDay: "Closed that day", closedNow: "Closed for today", freeFrom: "Free from {time}", full: "Full", hoursFree: "{hours} free", upcomingNone: "No booking", upcomingNoneMore: "No more bookings",
  bookRoom: "Book {room}", changeBooking: "Change the booking", bookingOf: "Booking of {name}", privateHint: "Others will see “Reserved” and your name.",
  hint: "Everybody sees it: nothing confidential, please.",
  sensitivePhone: "This note seems to hold a telephone number. Everybody sees it: is that meant?",
  sensitiveNumber: "This note seems to hold a social security number. Do not write it here: everybody sees the note.",
  sensitiveMail: "This note seems to hold an e-mail address. Everybody sees it: is that meant?",
  sensitiveHealth: "This note seems to speak of a person and their health. Everybody sees it: better stay general.",
  examining: "Checking…", saving: "Saving…", ok: "Free", reason: "Reason (sent to the organiser)", writeTo: "Write to {name}",
  anotherWay: "Other possibilities", free: "Free", takenBy: "Taken by {name}",
  scope: "Apply to", scopeThis: "This occurrence", scopeFollowing: "This and the following", scopeAll: "The whole series", scopeAskMove: "Move which part of the series?", series: "Series",
  booked: "Booked: {slot}", bookedMany: "{n} bookings made", moved: "Moved: {slot}", changed: "Booking changed", removed: "Booking deleted", removedMany: "{n} bookings deleted", undo: "Undo", undone: "Undone", undoLate: "It is too late to undo.",
  dismiss: "Dismiss",
  offline: "The connection is lost. The page will be up to date as soon as it is back.", online: "The connection is back", reconnecting: "The connection is lost, trying again…",
  offlineConfirm: "The network does not answer. What you typed stays here; confirm again when it is back: the booking will not be made twice.",
  unavailableNow: "Bookings cannot be saved at the moment. Try again in a while.", failed: "That did not work. Try again.", tooMany: "Too many requests in a short time. Try again in a moment.",
  changedMeanwhile: "This booking has changed meanwhile:", seeCurrent: "See the current version", applyAnyway: "Keep my changes", gone: "This booking no longer exists.",
  signInAgain: "Your session has ended. Log in: what you typed will be waiting.", signIn: "Log in",
  keys: "Arrows: choose a slot. Shift and arrow: extend it. Enter: book. Escape: leave.", keysShort: "Drag to book. Keyboard: arrows, Shift + arrows, Enter", occupation: "Occupation of the rooms", occupationOf: "Occupation: {room}",
  slotFree: "{slot}, free", slotTaken: "{slot}, taken by {name}",
  weekOf: "week of {day}", freeBetween0: "no room free from {from} to {to}", freeBetween1: "1 room free from {from} to {to}", freeBetweenN: "{n} rooms free from {from} to {to}", pastDay: "past", closed: "closed", monthLegend: "One bar a room, from {from} to {to}", mineCount1: "1 booking of yours", mineCountN: "{n} bookings of yours", full1: "{percent}% taken",
  bookNow: "Book", bookFor: "Book at {time}", roomPage: "The room", print: "Print", allRooms: "All rooms", caldavAddress: "CalDAV address", equipment: "Equipment", place: "Location", subscriptions: "Subscriptions", subscribe: "Subscribe on my account’s page", now: "Now", prepare: "Room, times and days",
  coming: "Coming", pastTab: "Past", search: "Search my bookings", noComing: "No bookings to come", noComingHint: "Drag on the dashboard to book, or find a room.", noPast: "No past bookings", noMatch: "No booking matches “{q}”", unused: "A booking you no longer need? Delete it: somebody may be looking for that room.", cancelSelected: "Delete the selected", cancelSelectedN: "Delete the selected ({n})", select: "Choose {title}", bookAgain: "Book again", open: "Open", nextDates: "Next dates: {dates}", notCancelled: "Could not be deleted: {titles}", more: "More", chosen1: "1 chosen", chosenN: "{n} chosen", ended: "ended",
  days: "Dates", addDate: "Add a date", dropDate: "Remove {date}", length: "Length", earliest: "Not before", latest: "Not after", seatsAtLeast: "Seats", any: "any", findButton: "Search", foundNone: "No room is free on all these dates.", nearest: "Nearest", found1: "1 room free", foundN: "{n} rooms free", foundFor: "for {days}", searching: "Searching…", findIntro: "Say when and for how many people; one click books.",
  dates1: "1 date", datesN: "{n} dates", endless: "endless", loading: "Loading…", retry: "Try again", none: "none", editable: "editable", keepsRule: "Rule: {rule}", customRule: "The repetition comes from another calendar and stays as it is.",
  nobody: "Nobody matches", me: "myself", privateTo: "private", weekSummary: "{n} bookings", weekSummary1: "1 booking", moreN: "+ {n}", takenDates: "Already taken:", goTo: "Go to {day}", timeInvalid: "Time not understood: write 9:30", endBeforeStart: "The end must come after the start.", inThePast: "This slot is past.", noRooms: "No room is configured yet.", organiser: "Organiser", times: "Times", when: "When", slotHandleStart: "Move the start", slotHandleEnd: "Move the end", discard: "What you typed is not saved.",
};

const WEEKDAYS = {
  fr: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
  en: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
};
const WEEKDAYS_SHORT = {
  fr: ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
  en: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
};
const MONTHS = {
  fr: ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
  en: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
};
const MONTHS_SHORT = {
  fr: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
  en: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
};

let language: Language = "fr";

export function speak(code: string): void {
  language = code.startsWith("en") ? "en" : "fr";
}

export const spoken = (): Language => language;

/** French typography: a narrow no-break space before : ; ! ? and », after «. */
export function typeset(sentence: string): string {
  return sentence.replace(/ ([:;!?»%])/g, `${N}$1`).replace(/« /g, `«${N}`);
}

/** The sentence of a key, with {names} filled in. */
export function say(key: Key, facts: Record<string, string | number> = {}): string {
  const sentence = language === "fr" ? typeset(FR[key]) : EN[key];
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? ""));
}

/** "mardi", "Tuesday". */
export const weekdayName = (index: number): string => WEEKDAYS[language][index] ?? "";
export const weekdayShort = (index: number): string => WEEKDAYS_SHORT[language][index] ?? "";
export const monthName = (index: number): string => MONTHS[language][index - 1] ?? "";

/** "1er" and "2" in French; "1st", "2nd" only where English needs an ordinal. */
export function dayNumeral(day: number): string {
  if (language === "fr") return day === 1 ? "1er" : String(day);
  return String(day);
}

export function englishOrdinal(day: number): string {
  const tail = day % 100 >= 11 && day % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th");
  return `${day}${tail}`;
}

/** "mardi 1er décembre 2026", "Tuesday 1 December 2026". */
export function longDate(day: Day, withYear = true): string {
  const text = `${weekdayName(weekday(day))}${NB}${dayNumeral(dayOfMonth(day))} ${monthName(month(day))}`;
  return withYear ? `${text} ${year(day)}` : text;
}

/** "1er décembre 2026". */
export function plainDate(day: Day, withYear = true): string {
  const text = `${dayNumeral(dayOfMonth(day))}${NB}${monthName(month(day))}`;
  return withYear ? `${text} ${year(day)}` : text;
}

/** "mar. 1er déc." */
export function shortDate(day: Day): string {
  return `${weekdayShort(weekday(day))}${NB}${dayNumeral(dayOfMonth(day))}${NB}${MONTHS_SHORT[language][month(day) - 1] ?? ""}`;
}

export const shortDay = (day: Day): string => `${dayNumeral(dayOfMonth(day))}${NB}${MONTHS_SHORT[language][month(day) - 1] ?? ""}`;

export const monthTitle = (day: Day): string => `${monthName(month(day))} ${year(day)}`;

/** "09:30": two digits always, so that times line up and are found as they are written. */
export const time = (minute: number): string => clock(minute);

/** "09:30–11:00". */
export const span = (start: number, end: number): string => `${time(start)}–${time(end)}`;

/** "1 h 30", "45 min". */
export function duration(length: number): string {
  const hours = Math.floor(length / 60);
  const rest = length % 60;
  if (!hours) return `${rest}${NB}min`;
  if (!rest) return `${hours}${NB}h`;
  return `${hours}${NB}h${NB}${String(rest).padStart(2, "0")}`;
}

/** "Réserver la salle Prado" for a "Salle Prado". */
export function bookTitle(room: string): string {
  if (language === "fr" && /^salle /i.test(room)) return `Réserver la s${room.slice(1)}`;
  return say("bookRoom", { room });
}

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "lundi, mardi et jeudi". */
export function listed(items: string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")}${language === "fr" ? " et " : " and "}${items[items.length - 1]}`;
}

const ORDINALS = {
  fr: ["premier", "deuxième", "troisième", "quatrième", "cinquième"],
  en: ["first", "second", "third", "fourth", "fifth"],
};

/** The three ways in which a month can repeat a day. */
export function monthlyWords(day: Day): { date: string; weekday: string; last: string } {
  const { ordinal } = ordinalInMonth(day);
  const name = weekdayName(weekday(day));
  return {
    date: say("byDate", { n: language === "fr" ? dayNumeral(dayOfMonth(day)) : englishOrdinal(dayOfMonth(day)) }),
    weekday: say("byWeekday", { ordinal: ORDINALS[language][ordinal - 1] ?? "", weekday: name }),
    last: say("byLast", { weekday: name }),
  };
}

export const counted = (n: number, one: Key, many: Key, facts: Record<string, string | number> = {}): string =>
  say(n === 1 || (n === 0 && language === "fr" && many !== "foundN" && many !== "datesN") ? one : many, { n, ...facts });
