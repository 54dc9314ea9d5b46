/* provider/http_head.h
 * The head of a provider's reply as it is handed on: its status and its header fields, but for
 * those that concern the connection alone and cookies. Borrows all its texts. Pure. */
#pragma once
#include "base/text.h"

struct http_head {
    int status;               /* 200 to 599 */
    struct text content_type; /* without parameters; empty: not said */
    uint32_t retry_after_s;   /* as the fields of a refusal say (retry_after.h); 0: not said */
    struct text fields;       /* for the functions below: "name:value\n" each */
};

/* Takes the next field off the front of *fields (a copy of head->fields), in the order they came;
 * false when there is none left. Names are in lower case, values trimmed and free of control
 * characters but the tab; either may hold foreign bytes otherwise. */
bool http_head_next(struct text *fields, struct text *out_name, struct text *out_value);
/* The value of the first field of that name (in lower case); empty when there is none. */
struct text http_head_find(const struct http_head *head, struct text name);
