/* command/offline_call.h
 * A call that is made in a gateway of the command's own (trial/trial.h) and rests where it would
 * leave it, so that what it has come to by then can be shown: nothing is sent, nothing spent. */
#pragma once
#include "command/ask.h"
#include "trial/trial.h"

struct offline_call {
    struct ask ask;
    struct trial_options options; /* when it is made, and by whom */
};

/* Reads ASK_OPTIONS, ASK_AT_OPTION and ASK_CALLER_OPTION into the line's arena. False with the exit
 * code after saying what is wrong with them. */
bool offline_call_read(const struct command_line *line, struct offline_call *out, int *out_code);

/* Shows a request that rests behind `until`, or that was refused before; borrowed for the length of
 * the call. The refusal itself is said afterwards. */
typedef void offline_show(const struct command_line *line, struct request *request, bool refused);

/* Calls the endpoint that the line's first argument names, up to `until` (where that is the route,
 * the request explains itself), and shows it. Gives the exit code, having said what went wrong. */
int offline_call_make(const struct command_line *line, const struct offline_call *call,
                      enum stage_id until, offline_show *show);
