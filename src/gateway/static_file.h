/* gateway/static_file.h
 * Files that are inside the program, for browsers: with what keeps their pages from loading or
 * running anything that is not inside the program too. */
#pragma once
#include "gateway/request_state.h"

struct static_file {
    struct text type; /* media type */
    struct text body;
    struct text gzip; /* the same, compressed; empty: it is not to be had */
    struct text etag; /* strong, in quotes */
    bool constant;    /* what is under this name is never anything else */
};
/* Answers with it (its texts are kept); who has it already is told so. */
void static_file_reply(struct request *request, const struct static_file *file);
