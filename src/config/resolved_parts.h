/* config/resolved_parts.h
 * Private to resolved*.c: the parts that a resolved configuration is written of, as members of the
 * JSON object under way. */
#pragma once
#include "base/buffer.h"
#include "config/config.h"

/* Those that say nothing, an empty text, a limit of 0 and a budget without limits, are left out. */
void resolved_put_text(struct buffer *out, const char *name, struct text text);
void resolved_put_limit(struct buffer *out, const char *name, uint64_t value);
void resolved_put_duration(struct buffer *out, const char *name, uint64_t ms);
void resolved_put_size(struct buffer *out, const char *name, uint64_t bytes);
void resolved_put_usd(struct buffer *out, const char *name, int64_t nano);
void resolved_put_limits(struct buffer *out, const struct call_limits *limits);
void resolved_put_budget(struct buffer *out, const struct budget_rule *budget);
void resolved_put_origins(struct buffer *out, const struct origins *origins);
/* An object or a list, which is ended by its bracket; and a comma before every item of a list but
 * the first. */
void resolved_begin(struct buffer *out, const char *name, char bracket);
void resolved_next_item(struct buffer *out);
/* Everything but endpoints and aliases. */
void resolved_put_process(struct buffer *out, const struct config *config);
