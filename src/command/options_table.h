/* command/options_table.h
 * Private to the command line: looking things up in the tables, shared by parsing and help. */
#pragma once
#include "command/options.h"

struct option_value {
    const struct option_spec *spec;
    const char **texts; /* values; a switch has none */
    size_t count;       /* times it was given */
    enum option_source source;
    bool on; /* a switch */
};

/* The `i`th option a command accepts: its own first, then the global ones; NULL after the last. The
 * command may be NULL. */
const struct option_spec *option_at(const struct command_spec *command, size_t i);
/* First and second word of a command's name; the second is empty for a name of one word. */
struct text command_word(const struct command_spec *command, int word);
/* What was given for an option, or NULL when the command does not accept it. */
struct option_value *option_value_of(const struct command_line *line, const char *name);
