/* config/report.h
 * Diagnostics for people and for programs. */
#pragma once
#include "base/buffer.h"
#include "document/diagnostic.h"

enum report_form {
    REPORT_HUMAN,
    REPORT_SHORT,
    REPORT_JSON,
    REPORT_SARIF,  /* SARIF 2.1.0, for code scanning */
    REPORT_GITHUB, /* workflow commands, which mark the lines of a pull request */
    REPORT_JUNIT,  /* a suite per file, a failing case per error */
};
/* Appends all diagnostics, sorted by place. The human form has a code frame with a caret line and a
 * help line; colours only when `colour`. The JSON form is that of conventions section 4, one
 * document. */
void report_write(const struct diagnostics *diagnostics, enum report_form form, bool colour,
                  struct buffer *out);
/* As report_write. The forms that other programs match with a repository (SARIF, GitHub, JUnit)
 * name files from the folder where the program was started: under `folder`, unless that is ".". */
void report_write_under(const struct diagnostics *diagnostics, struct text folder,
                        enum report_form form, bool colour, struct buffer *out);
