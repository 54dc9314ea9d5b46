/* config/report.h
 * Diagnostics for people and for programs. */
#pragma once
#include "base/buffer.h"
#include "document/diagnostic.h"

enum report_form { REPORT_HUMAN, REPORT_SHORT, REPORT_JSON };
/* Appends all diagnostics, sorted by place. The human form has a code frame with a caret line and a
 * help line; colours only when `colour`. The JSON form is that of conventions section 4, one
 * document. */
void report_write(const struct diagnostics *diagnostics, enum report_form form, bool colour,
                  struct buffer *out);
