/* command/remote.h
 * Asking the running server over its admin listener. */
#pragma once
#include "command/options.h"
#include "config/config.h"
#include "document/document.h"
#include "transport/fetch.h"

/* Calls `method` `path` at the admin address of the configuration. True when the server answered
 * (whatever the status); false with ERROR_UPSTREAM_UNREACHABLE when none is running. */
bool remote_call(const struct command_line *line, const struct settings *settings,
                 const char *method, struct text path, struct text body, int *out_status,
                 struct text *out_body, struct error *err);
/* The same for what takes as long as the store is large: waits for an hour. */
bool remote_call_long(const struct command_line *line, const struct settings *settings,
                      const char *method, struct text path, struct text body, int *out_status,
                      struct text *out_body, struct error *err);
/* A stream of events: what takes its pieces (as struct fetch has it), and the last event of one
 * before that this one goes on behind; empty: there was none. */
struct remote_events {
    bool (*piece)(void *context, struct text piece);
    void *context;
    struct text last;
};
/* Follows one until it ends, breaks or falls silent. False when no server answered. */
bool remote_follow(const struct command_line *line, const struct settings *settings,
                   struct text path, const struct remote_events *events, struct fetch_reply *out,
                   struct error *err);
/* Prints an error envelope's message and hint to stderr and gives the exit code it means. */
int remote_failed(const struct command_line *line, int status, struct text body);
/* As remote_call, of the configuration's server, and reads its answer into the line's arena. False
 * with the exit code where nothing more is to be done: with --json the answer has been printed as
 * it came; else what went wrong has been said. */
bool remote_ask(const struct command_line *line, const char *method, struct text path,
                struct text body, struct document *out, int *out_code);
/* The same as remote_call_long does it. */
bool remote_ask_long(const struct command_line *line, const char *method, struct text path,
                     struct text body, struct document *out, int *out_code);
/* An argument that is to stand in a path as a slug; else it has been said that it cannot be one,
 * and the exit code is EXIT_USAGE. */
bool remote_slug(const struct command_line *line, const char *argument, struct text *out);
/* Asks for a list of things of endpoints, 200 at most: of the endpoint that the line's argument
 * names, or of all where it names none. As remote_ask. */
bool remote_ask_list(const struct command_line *line, const char *path, struct document *out,
                     int *out_code);
/* Shows each thing of a list, as the server answers with one; gives how many there were. */
size_t remote_each(const struct document *list,
                   void (*show)(const struct document *list, uint32_t thing));
/* Whether a server answers there. */
bool remote_answers(const struct command_line *line, const struct settings *settings);
/* Says what went wrong on this side and gives the exit code. */
int remote_error(const struct command_line *line, const struct error *err);
