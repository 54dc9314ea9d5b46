/* command/diff_print.h
 * The report of `pinion diff`: for people as they are found, for programs as one document. */
#pragma once
#include "base/buffer.h"
#include "command/options.h"
#include "store/history_record.h"

struct diff_report {
    const struct command_line *line;
    size_t count;       /* of endpoints that differ */
    bool found;         /* any endpoint was looked at */
    struct buffer json; /* with --json */
};

/* What an endpoint is made of; no files: it is not there. */
struct diff_side {
    struct text label; /* "version 7", "folder" */
    const struct history_file *files;
    size_t file_count;
};

void diff_begin(struct diff_report *report, const struct command_line *line);
/* `status` is "added", "removed" or "changed". */
void diff_endpoint(struct diff_report *report, struct text slug, const char *status,
                   bool rolled_back, struct diff_side old, struct diff_side new);
/* Its files are the same, and it is another one all the same. */
void diff_settings(struct diff_report *report, struct text slug);
void diff_end(struct diff_report *report);
