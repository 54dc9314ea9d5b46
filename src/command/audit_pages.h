/* command/audit_pages.h
 * The audit log page by page: from the running server where there is one, else from the store
 * itself, which is only read. */
#pragma once
#include "audit/record.h"
#include "command/options.h"
#include "config/config.h"
#include "document/document.h"

struct audit_pages {
    struct settings settings;
    bool remote;
    struct text call;         /* "/admin/v1/audit/export" */
    struct audit_page wanted; /* `after` moves on with each page */
};

/* Finds out where the log is, and reads the flags --from, --to, --action. */
bool audit_pages_open(const struct command_line *line, struct text call, struct audit_pages *out,
                      struct error *err);
/* The next page as the admin API words it, in the arena; `wanted.after` is moved behind it. On
 * failure it has been said what went wrong, and *code is what the command ends with. */
bool audit_pages_next(const struct command_line *line, struct audit_pages *pages,
                      struct arena *arena, struct text *out_json, struct document *out, int *code);
