/* gateway/log_wanted.h
 * Which rows of the request log an admin call asks for. */
#pragma once
#include "gateway/format.h"

struct log_wanted {
    struct log_query query; /* but for `most`; texts are the request's */
    enum format format;
    size_t rows; /* at most */
};
/* Reads what stands behind the '?'; false with request->error. */
bool log_wanted_read(struct request *request, struct log_wanted *out);
/* Likewise for a call that follows the log: the same filters, and where to begin. */
bool log_wanted_follow(struct request *request, struct log_query *out);
