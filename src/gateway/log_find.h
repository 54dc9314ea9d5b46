/* gateway/log_find.h
 * Finding one row of the request log for an admin call. */
#pragma once
#include "gateway/request_state.h"

/* Gets the row, which is borrowed for the length of the call, and answers the request. */
typedef void log_found(struct request *request, const struct log_row *row,
                       const struct log_place *place);
/* By the row's place, or by the id of the request: one of ours says when it began, so that only
 * what was written since is searched; one that the client chose is searched for from the newest on,
 * through all that is kept, and the newest that has it is found. Parks the request, and refuses it
 * when there is none. */
void log_find(struct request *request, struct text id, log_found *found);
