"""The machine of the workbook: exercises, verdicts, claims, questions, the learner's record. It knows no subject."""
