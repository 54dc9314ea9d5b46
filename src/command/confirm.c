#include "command/confirm.h"

#include <unistd.h>

bool confirm(const struct command_line *line, struct text stake, struct text question,
             struct error *err)
{
    char answer[16] = "";

    if (option_on(line, "yes"))
        return true;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) || option_on(line, "no-input")) {
        error_set(err, ERROR_INVALID_REQUEST, "--yes", "%.*s", TEXT_ARG(stake));
        error_hint(err, "if that is meant, add --yes");
        return false;
    }
    fprintf(stderr, "%.*s [y/N] ", TEXT_ARG(question));
    if (fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
        return true;
    return error_set(err, ERROR_INVALID_REQUEST, NULL, "nothing was done");
}
