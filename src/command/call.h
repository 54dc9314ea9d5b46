/* command/call.h
 * An answer as it is shown: text to standard output as it comes, what is to be known of it to
 * standard error. Private to `pinion call`. */
#pragma once
#include "base/buffer.h"
#include "command/options.h"
#include "transport/fetch.h"

struct call_show {
    const struct command_line *line;
    bool json, quiet;
    bool terminal; /* standard output is one: nothing said may steer it */
    struct text slug;
    struct buffer rest; /* of a stream: what is no whole line yet */
    bool spoken;        /* text was written ... */
    bool line_open;     /* ... that does not end in a line break */
    bool done;          /* the stream has come to its end mark */
    bool overlong;      /* a line was longer than any of ours is */
    struct text error;  /* the event that told of a failure; empty: none did */
    struct text usage;  /* the chunk that told of usage */
};

/* Takes a piece of a stream; false when nothing more is wanted. */
bool call_show_piece(void *context, struct text piece);
/* Says how a stream has ended; gives the exit code. */
int call_show_end(struct call_show *show, const struct fetch_reply *reply);
/* Shows a whole answer of status 200. */
int call_show_whole(struct call_show *show, const struct fetch_reply *reply);
