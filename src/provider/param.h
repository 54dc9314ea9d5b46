/* provider/param.h
 * Reading a chat's parameters, which are kept as JSON text, for dialects that must say them in
 * another way than they were written. */
#pragma once
#include "chat/chat.h"

/* The value of a number; false when it is not set. */
bool param_number(const struct chat *chat, enum chat_param param, struct arena *arena, double *out);
/* The limit on an answer's tokens, at most what the model can write: more is refused. 0: it is not
 * set. */
int64_t param_max_tokens(const struct chat *chat, struct arena *arena);
/* The value of a string; empty when it is not set. */
struct text param_word(const struct chat *chat, enum chat_param param, struct arena *arena);
/* The stop sequences as a JSON array, in the arena, whether one was written or several; without
 * those of white space only unless `blank` ones are taken too. Empty when there are none. */
struct text param_stops(const struct chat *chat, bool blank, struct arena *arena);
