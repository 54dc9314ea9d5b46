/* gateway/admin_json.h
 * Answers of the admin listener, built with json-c: clarity beats speed here. */
#pragma once
#include "gateway/request_state.h"

#include <json-c/json.h>

/* Answers with `body`, which it takes. */
void admin_reply(struct request *request, int status, struct json_object *body);
void admin_set(struct json_object *object, const char *name, struct text value);
/* As RFC 3339, null for 0. */
void admin_set_time(struct json_object *object, const char *name, int64_t wall_ms);
