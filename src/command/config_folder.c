#include "command/config_folder.h"

#include "config/report.h"

struct text config_folder(const struct command_line *line)
{
    return text_of(option_text(line, "config"));
}

struct config *config_folder_load(const struct command_line *line,
                                  const struct config_options *options)
{
    struct diagnostics diagnostics = {.arena = line->arena};
    struct config *config = config_load(config_folder(line), options, &diagnostics);
    struct buffer report = buffer_in(line->arena);

    if (diagnostics.count > 0 && !option_on(line, "quiet")) {
        report_write(&diagnostics, option_on(line, "json") ? REPORT_JSON : REPORT_HUMAN,
                     command_line_color(line, stderr), &report);
        fwrite(report.at, 1, report.len, stderr);
    }
    return config;
}
