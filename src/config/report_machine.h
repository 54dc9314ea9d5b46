/* config/report_machine.h
 * Private to report: the forms that other programs read, of sorted diagnostics. */
#pragma once
#include "base/buffer.h"
#include "document/diagnostic.h"

void report_sarif(const struct diagnostics *diagnostics, struct text folder, struct buffer *out);
void report_github(const struct diagnostics *diagnostics, struct text folder, struct buffer *out);
void report_junit(const struct diagnostics *diagnostics, struct text folder, struct buffer *out);
