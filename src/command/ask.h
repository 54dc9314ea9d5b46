/* command/ask.h
 * What commands that call an endpoint, or show what a call would come to, are given on their line:
 * what is said to it, header fields, the time, and as whom. */
#pragma once
#include "command/options.h"
#include "gateway/http.h"
#include "store/token_record.h"

struct ask {
    struct text body; /* of the request */
    const struct http_header *headers;
    size_t header_count;
};

// clang-format off
#define ASK_OPTIONS                                                                                \
    {.name = "input", .letter = 'i', .argument = "FILE",                                           \
     .help = "what a caller would send: an object is the body itself, any other JSON or plain text is its input; - is standard input"}, \
    {.name = "header", .argument = "FIELD", .help = "a header field to send along, \"name: value\"", .repeated = true}
#define ASK_AT_OPTION                                                                              \
    {.name = "at", .argument = "TIME", .help = "as if it were then: 2026-11-27 or 2026-11-27T22:00:00+01:00"}
#define ASK_CALLER_OPTION                                                                          \
    {.name = "token", .argument = "NAME", .help = "as if this token called, by its name or id; else one that may call everything"}
// clang-format on

/* Reads -i and --header. False with *err, ready to be shown: EXIT_USAGE, or EXIT_NOT_FOUND where
 * the file cannot be read (ERROR_FILE_UNREADABLE). */
bool ask_read(const struct command_line *line, struct ask *out, struct error *err);
/* The value of --at; 0: it was not given. */
bool ask_time(const struct command_line *line, int64_t *out_ms, struct error *err);
/* The token of --token, from the running server or its store, in the arena; NULL: none was given.
 * On failure says why and returns false with the exit code. Needs PLACE_OPTIONS. */
bool ask_caller(const struct command_line *line, const struct token_record **out, int *out_code);

/* Says what a call was refused with: message, hint, the violations and attempts of its details; its
 * body as it is with --json. All to stderr. Gives the exit code that the status means; status 0: it
 * came in the middle of a stream. */
int ask_refused(const struct command_line *line, int status, struct text body);
