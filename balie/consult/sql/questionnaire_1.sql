-- The questionnaire of every practice that offers none of its own.
insert into consult_questionnaire (practice_id, code, version, body, offered) values (null, 'algemeen', 1, $json$
{
  "code": "algemeen",
  "version": 1,
  "questions": [
    {
      "code": "gevaar",
      "label": {"nl": "Is er nu iets van dit aan de hand?", "en": "Is any of this happening now?"},
      "choices": [
        {"code": "levensgevaar", "label": {"nl": "Niet aanspreekbaar, stikken, of heel veel bloedverlies", "en": "Not responding, choking, or losing a lot of blood"}},
        {"code": "druk-op-borst", "label": {"nl": "Druk of pijn op de borst, of een scheef gezicht, een lamme arm of warrig praten", "en": "Pressure or pain in the chest, or a crooked face, a limp arm or confused speech"}},
        {"code": "benauwd", "label": {"nl": "Erg benauwd, of suf en moeilijk wakker te krijgen", "en": "Very short of breath, or drowsy and hard to wake"}},
        {"code": "nee", "label": {"nl": "Nee, niets hiervan", "en": "No, none of this"}}
      ]
    },
    {
      "code": "hinder",
      "label": {"nl": "Hoeveel last is er nu?", "en": "How bad is it now?"},
      "choices": [
        {"code": "ondraaglijk", "label": {"nl": "Niet uit te houden", "en": "Unbearable"}},
        {"code": "veel", "label": {"nl": "Veel: gewone dingen lukken niet", "en": "Bad: ordinary things do not work"}},
        {"code": "matig", "label": {"nl": "Matig: gewone dingen lukken met moeite", "en": "Moderate: ordinary things are hard to do"}},
        {"code": "weinig", "label": {"nl": "Weinig", "en": "A little"}}
      ]
    },
    {
      "code": "koorts",
      "label": {"nl": "Is er koorts (38 graden of hoger)?", "en": "Is there a fever (38 degrees or more)?"},
      "choices": [
        {"code": "hoog-of-jong", "label": {"nl": "Ja, en het gaat om een kind jonger dan 3 maanden, of iemand met weinig afweer", "en": "Yes, and it is about a child younger than 3 months, or somebody with little resistance"}},
        {"code": "ja", "label": {"nl": "Ja", "en": "Yes"}},
        {"code": "nee", "label": {"nl": "Nee", "en": "No"}}
      ]
    },
    {
      "code": "verloop",
      "label": {"nl": "Wordt het erger?", "en": "Is it getting worse?"},
      "choices": [
        {"code": "snel", "label": {"nl": "Ja, snel: vandaag nog", "en": "Yes, fast: during today"}},
        {"code": "langzaam", "label": {"nl": "Ja, langzaam", "en": "Yes, slowly"}},
        {"code": "gelijk", "label": {"nl": "Nee, het blijft gelijk of wordt minder", "en": "No, it stays the same or gets better"}}
      ]
    }
  ],
  "story": [
    {"code": "vraag", "label": {"nl": "Wat is uw vraag?", "en": "What is your question?"}, "most": 1500, "required": true},
    {"code": "gedaan", "label": {"nl": "Wat hebt u al gedaan of ingenomen?", "en": "What have you done or taken already?"}, "most": 1000, "required": false}
  ],
  "rules": [
    {"urgency": "U0", "when": {"gevaar": ["levensgevaar"]}},
    {"urgency": "U1", "when": {"gevaar": ["druk-op-borst", "benauwd"]}},
    {"urgency": "U2", "when": {"hinder": ["ondraaglijk"]}},
    {"urgency": "U2", "when": {"koorts": ["hoog-of-jong"]}},
    {"urgency": "U2", "when": {"hinder": ["veel"], "verloop": ["snel"]}},
    {"urgency": "U3", "when": {"hinder": ["veel"]}},
    {"urgency": "U3", "when": {"verloop": ["snel"]}},
    {"urgency": "U3", "when": {"koorts": ["ja"], "hinder": ["matig"]}},
    {"urgency": "U4", "when": {"koorts": ["ja"]}},
    {"urgency": "U4", "when": {"hinder": ["matig"]}},
    {"urgency": "U4", "when": {"verloop": ["langzaam"]}}
  ],
  "otherwise": "U5",
  "within": {"U3": 240, "U4": 1440, "U5": 2880},
  "advice": {
    "nl": "Dit gaat meestal vanzelf over. Rust, drink genoeg, en neem bij pijn paracetamol zoals op de verpakking staat. Wordt het erger, duurt het langer dan een week of maakt u zich zorgen? Bel de praktijk.",
    "en": "This mostly gets better by itself. Rest, drink enough, and against pain take paracetamol as the package says. Does it get worse, does it last longer than a week, or are you worried? Phone the practice."
  }
}
$json$, true);
