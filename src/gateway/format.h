/* gateway/format.h
 * What a list of the admin listener is answered as: `?format=json|jsonl|csv`, or what Accept names
 * first (application/json, application/jsonl or application/x-ndjson, text/csv). */
#pragma once
#include "gateway/request_state.h"

enum format { FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV };

/* `word` is the parameter, empty where there is none. False with request->error when it is none of
 * these. */
bool format_of(struct request *request, struct text word, enum format *out);
struct text format_type(enum format format); /* its content-type */
