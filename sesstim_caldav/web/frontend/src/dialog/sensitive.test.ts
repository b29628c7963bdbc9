import assert from "node:assert/strict";
import { test } from "node:test";
import { sensitive } from "./sensitive.ts";

test("telephone and social security numbers and addresses are seen", () => {
  assert.equal(sensitive("Appeler 06 12 34 56 78"), "phone");
  assert.equal(sensitive("rappel +33 6 12 34 56 78"), "phone");
  assert.equal(sensitive("0491324500"), "phone");
  assert.equal(sensitive("dossier 2 84 05 13 055 123 45"), "number");
  assert.equal(sensitive("1850578006084"), "number");
  assert.equal(sensitive("avec marie.dupont@univ-amu.fr"), "mail");
  assert.equal(sensitive("Dossier de Mme Martin"), "health");
});

test("ordinary notes are left alone", () => {
  for (const note of ["Réunion projet ApiAppS", "Comité de thèse 2026-2027", "Appel ANR 2027, lot 12", "Salle 0123", "Séminaire 14:00–15:30", "Cohorte 20 000 patients", "UE 12 34 56", ""]) {
    assert.equal(sensitive(note), null, note);
  }
});
