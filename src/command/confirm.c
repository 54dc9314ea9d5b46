#include "command/confirm.h"

#include <unistd.h>

bool confirm(const struct command_line *line, const char *question, struct error *err)
{
    char answer[16];

    if (option_on(line, "yes"))
        return true;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) || option_on(line, "no-input")) {
        error_set(err, ERROR_INVALID_REQUEST, NULL, "this cannot be undone, so it needs --yes");
        error_hint(err, "add --yes, or run it at a terminal to be asked");
        return false;
    }
    fprintf(stderr, "%s [y/N] ", question);
    if (fgets(answer, sizeof answer, stdin) == NULL)
        return false;
    return text_equal_nocase(text_trim(text_of(answer)), TEXT("y")) ||
           text_equal_nocase(text_trim(text_of(answer)), TEXT("yes"));
}
