/** The words of a conversation that was taken out; they come when somebody takes one out. */

import { pickTexts } from "../../lib/texts.ts";
import { texts } from "../texts.ts";

const nl = {
  title: "Gesprek uit Balie",
  own_title: "Logboek van uw sleutels",
  own_log: "Wat er met uw sleutels gebeurde",
  own: "bewaarde dit logboek",
  taken: "Bewaard op",
  messages: "Berichten",
  consultations: "Consultaties en e-consulten",
  log: "Wie dit gesprek opende en las",
  edited: "gewijzigd",
  recalled: "teruggetrokken",
  unreadable: "niet te lezen",
  econsult: "E-consult",
  asked_by: "Gevraagd door",
  asked_of: "Gevraagd aan",
  asked_at: "Gevraagd op",
  due_at: "Uiterlijk",
  holder: "Opgepakt door",
  picked_up_at: "Opgepakt op",
  concluded_at: "Afgerond op",
  withdrawn_at: "Ingetrokken op",
  billing_code: "Declaratiecode",
  urgency: "Urgentie",
  moved: "Ging verder bij een andere post",
};

const en: typeof nl = {
  title: "Conversation from Balie",
  own_title: "Log of your keys",
  own_log: "What happened to your keys",
  own: "kept this log",
  taken: "Kept on",
  messages: "Messages",
  consultations: "Consultations and e-consults",
  log: "Who opened and read this conversation",
  edited: "edited",
  recalled: "recalled",
  unreadable: "cannot be read",
  econsult: "E-consult",
  asked_by: "Asked by",
  asked_of: "Asked of",
  asked_at: "Asked on",
  due_at: "At the latest",
  holder: "Picked up by",
  picked_up_at: "Picked up on",
  concluded_at: "Concluded on",
  withdrawn_at: "Withdrawn on",
  billing_code: "Billing code",
  urgency: "Urgency",
  moved: "Went on at another post",
};

const { question, conclusion, kinds } = texts.consultations;

export const words = { ...texts.log.what, ...texts.ownLog, whole: texts.log.tookOut, ...kinds, question, conclusion, ...pickTexts({ nl, en }) };
