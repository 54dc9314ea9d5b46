/* command/complete.h
 * What may stand where a person is typing, out of the tables of commands: for shells. */
#pragma once
#include "base/buffer.h"
#include "command/options.h"

/* Gives the slugs of a configuration folder, in the arena. */
typedef size_t complete_slugs(struct text folder, struct arena *arena, const struct text **out);

/* `words` are those behind the program's name, the last being the one that is typed (it may be
 * empty). Appends a line for each candidate that begins with it, "word<tab>what it is"; or ":files"
 * or ":dirs", where the shell knows better. */
void complete_words(const struct program *program, const char *const *words, size_t count,
                    complete_slugs *slugs, struct arena *arena, struct buffer *out);
