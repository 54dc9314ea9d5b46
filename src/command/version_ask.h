/* command/version_ask.h
 * What the commands about versions ask the running server. */
#pragma once
#include "command/options.h"
#include "config/version_name.h"
#include "document/document.h"
#include "store/history_record.h"

/* Reads an argument such as "summarize@7"; else it has been said what is wrong with it. */
bool version_argument(const struct command_line *line, const char *argument,
                      struct version_name *out);
/* The same name again, as it stands in a path. */
struct text version_name_text(const struct command_line *line, const struct version_name *name);

/* Asks for a path of the admin API. EXIT_DONE with the answer, as it came and read; else what went
 * wrong has been said. */
int version_get(const struct command_line *line, struct text path, struct text *out_body,
                struct document *out);
/* A version, or with none named the one in force, and its files; bytes at NULL: they are not known.
 */
struct version_told {
    uint64_t number;
    struct text hash;
    bool rolled_back;
    struct history_file *files; /* without digests */
    size_t file_count;
};
int version_fetch(const struct command_line *line, const struct version_name *name,
                  struct version_told *out);

/* The number of a version in what was told; 0 where there is none. */
uint64_t version_number(const struct document *document, uint32_t object, const char *name);
