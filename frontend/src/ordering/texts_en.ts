/** The words of the pages about ordering, in English. */

import { capitalise, formatDate, formatDay, formatNumber, formatOrdinal } from "../lib/format.ts";
import type { Texts } from "./texts.ts";

export const en: Texts = {
  and: " and ",
  prepare: {
    saved: (time) => `Saved at ${time}.`,
    refused: "Not saved yet. The page says what is wrong.",
    nowChoice: (day, rank) => `${formatDay(day)} is now your ${formatOrdinal(rank)} choice.`,
    dropped: (day) => `${formatDay(day)} is off the list.`,
    noConnection: "There is no connection to Balie. What you filled in is still on this screen. Save it again shortly.",
    ourFault: (reference) =>
      `This went wrong on our side. You did nothing wrong, and what you filled in is still on this screen. Save it again shortly.${reference ? ` If it does not work, call the helpline and mention fault number ${reference}.` : ""}`,
  },
  mail: {
    said: (recipient, say) => `Mail to ${recipient}: ${say}`,
  },
  order: {
    together: "Together",
    doses: (doses) => `${doses} doses`,
    address: "Address",
    cost: (euros) => `These are more deliveries than are free: it costs ${euros}.`,
  },
  window: {
    tab: (countdown, dates) => `${countdown} left: order ${dates}`,
    left: (milliseconds) => `${inWords(milliseconds)} left`,
    until: (time) => `Until ${time}. A click that reaches us in time always counts.`,
    twoMinutes: "2 minutes left.",
    lastMinute: "1 minute left",
    lastSeconds: "15 seconds left",
    press: (time) =>
      `Press ‘Place the order’ before ${time}. A click that reaches us in time counts, even if the answer comes later.`,
  },
  desk: {
    check: "Check your order and place it",
    choose: "Choose your delivery date",
    chooseTab: "It is your turn: choose your delivery date",
    confirm: "Place the order",
    confirming: "We are placing your order …",
    confirmingAgain: "Your click counts. We are trying again …",
    holdFirst: (day) => `Hold ${formatDate(day)} for me`,
    holding: (day) => `We are holding ${formatDate(day)} for you …`,
    releasing: "We are giving your date back …",
    otherDay: "Prefer another day? Choose it in the calendar. Your old date is then released; your time goes on.",
    first: (day, rank) => `The first free date of your list is now ${formatDay(day)}, your ${formatOrdinal(rank)} choice.`,
    noneFree: "Nothing on your list is free now. Choose a day in the calendar.",
    noList: "Choose a day in the calendar.",
    starts: (windowMs) => `Your ${inWords(windowMs)} only start when you choose a day.`,
    nothing: "You have not filled in yet how many doses you want. Do that first; your turn stays valid.",
    fillIn: "Fill in the numbers",
    again: "Start again",
    againFor: (dates) => `We will then hold ${dates} for you again, if there is still room.`,
    lapsedTab: "Your time is over",
  },
  calendar: {
    weekdays: [
      ["Mon", "Monday"],
      ["Tue", "Tuesday"],
      ["Wed", "Wednesday"],
      ["Thu", "Thursday"],
      ["Fri", "Friday"],
    ],
    caption: (month) => `${month}, working days. Arrow keys: choose a day. Enter: hold this day.`,
    state: { free: "free", held: "held for now", small: "too little", full: "full", yours: "your date" },
    choice: "choice",
    noDelivery: "no delivery",
    doses: (amount, held) => `${formatNumber(amount)} ${amount === 1 ? "dose" : "doses"}${held ? " held" : ""}`,
    addresses: (amount, held) => `${formatNumber(amount)} ${amount === 1 ? "address" : "addresses"}${held ? " held" : ""}`,
    gone: (doses, addresses) =>
      doses && addresses ? "no doses or addresses left" : doses ? "no doses left" : "no addresses left",
  },
  table: {
    caption: (month) => `Delivery days in ${month}`,
    region: "Table of delivery days",
    onlyFree: "Show only days that are free for my order",
    nothingFree: "Nothing is free for your order in this month. Look in another month.",
    choose: "Choose",
    until: (time) => `until ${time}`,
    columns: {
      day: "Day",
      state: "For you",
      doses: "Doses free",
      dosesShort: "Doses",
      held: "Held for now",
      addresses: "Addresses free",
      addressesShort: "Addr.",
      list: "Your list",
      choose: "Choose",
    },
  },
  say: {
    held: (dates) => `We hold ${dates} for you.`,
    yours: "We hold this day for you already.",
    why: {
      full: (day) => `${formatDay(day)} is full.`,
      small: (day) => `There is too little left on ${formatDay(day)} for your whole order.`,
      held: (day) => `${formatDay(day)} is held for now. If there is room again, you will see it here at once.`,
    },
    wishFree: (day, rank) => `Your ${formatOrdinal(rank)} choice, ${formatDay(day)}, is free now.`,
    wishGone: (day, rank) => `Your ${formatOrdinal(rank)} choice, ${formatDay(day)}, is no longer free.`,
  },
  moment: {
    gone: (day) => `${formatDay(day)} has just filled up`,
    goneList: "The dates of your list have just filled up",
    goneNear: "Another practice was a moment earlier. You have lost nothing yet. Free nearby:",
    goneNearInside: (dates) =>
      `Another practice was a moment earlier. Your time goes on and you keep ${dates}. Free nearby:`,
    goneNothing: "Another practice was a moment earlier. You have lost nothing yet. Choose another day in the calendar.",
    lapsed: (windowMs) => `Your ${inWords(windowMs)} are over`,
    lapsedBody: (dates) =>
      `Nothing was ordered. ${capitalise(dates)} has been released. You may start again at once; your turn is still valid.`,
    stillBody: (dates) =>
      dates
        ? `There is an outage on our side. Your time does not run and ${dates} stays yours. You do not have to do anything.`
        : "There is an outage on our side. Your turn stays valid. You do not have to do anything.",
    back: "We are back",
    backBody: (milliseconds, dates) =>
      `You still have ${inWords(milliseconds)}, as before the outage. ${capitalise(dates)} is still yours.`,
    backBodyPlain: "Everything works again. Your turn is still valid.",
    extended: "You have been given extra time",
    extendedBody: (until) => `Your time now runs until ${until}. You do not have to do anything for it.`,
    unblocked: "You can order again",
    unblockedBody: "Your turn is still valid. Choose your delivery day.",
    elsewhere: "Something was chosen in another tab or by a colleague",
    elsewhereHeld: (dates) => `${capitalise(dates)} is now held for your practice. You see that here, too.`,
    elsewhereReleased: "Your practice’s date has been given back. You can choose another day here.",
    released: (dates) => `${capitalise(dates)} has been given back`,
    releasedBody: "Another practice can choose that day now. Your turn stays valid.",
    badLines: "Your order does not fit the rules",
    badLinesRepair: "Change the numbers",
    failed: "It has not worked yet",
    failedBody: "There was no answer. What you have stays yours. Try again shortly.",
    failedConfirm:
      "There was no answer. Your order may be final already; then you will see it here by itself. Feel free to press again: you never order twice.",
    login: "Log in again",
    reload: "Reload",
  },
};

/** `3 minutes and 47 seconds` */
function inWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  const parts = [
    minutes > 0 ? `${minutes} ${minutes === 1 ? "minute" : "minutes"}` : "",
    rest > 0 || minutes === 0 ? `${rest} ${rest === 1 ? "second" : "seconds"}` : "",
  ];
  return parts.filter(Boolean).join(" and ");
}
