/* pinion doctor: looks at everything that a server needs, and says what to do about what is wrong.
 * It changes nothing, and works with a server running or without. */
#include "command/doctor.h"

#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "document/json_write.h"

void doctor_find(struct doctor *doctor, const char *about, enum doctor_status status,
                 const char *hint, const char *format, ...)
{
    struct doctor_finding *finding;
    va_list arguments;

    if (doctor->count == doctor->room) {
        size_t old = doctor->room * sizeof *doctor->findings;

        doctor->room = doctor->room * 2 + 16;
        doctor->findings = arena_grow(doctor->arena, doctor->findings, old,
                                      doctor->room * sizeof *doctor->findings);
    }
    finding = &doctor->findings[doctor->count++];
    *finding = (struct doctor_finding){.about = about, .status = status};
    va_start(arguments, format);
    finding->message = arena_vprintf(doctor->arena, format, arguments);
    va_end(arguments);
    finding->hint = arena_copy(doctor->arena, text_of(hint));
}

static size_t count_of(const struct doctor *doctor, enum doctor_status status)
{
    size_t count = 0;

    for (size_t i = 0; i < doctor->count; i++)
        count += doctor->findings[i].status == status;
    return count;
}

static const char *const words[] = {"ok", "warning", "error"};

static void print_json(const struct doctor *doctor)
{
    struct buffer out = buffer_in(doctor->arena);

    buffer_printf(&out, "{\"ok\":%s,\"errors\":%zu,\"warnings\":%zu,\"checks\":[",
                  count_of(doctor, DOCTOR_ERROR) == 0 ? "true" : "false",
                  count_of(doctor, DOCTOR_ERROR), count_of(doctor, DOCTOR_WARNING));
    for (size_t i = 0; i < doctor->count; i++) {
        const struct doctor_finding *it = &doctor->findings[i];

        buffer_put(&out, i > 0 ? TEXT(",{") : TEXT("{"));
        json_put_text(&out, "name", text_of(it->about));
        json_put_text(&out, "status", text_of(words[it->status]));
        json_put_text(&out, "message", it->message);
        json_put_name(&out, "hint");
        if (it->hint.len > 0)
            json_put_string(&out, it->hint);
        else
            buffer_put(&out, TEXT("null"));
        buffer_put_byte(&out, '}');
    }
    buffer_put(&out, TEXT("]}"));
    printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
}

static void print_words(const struct doctor *doctor)
{
    static const char *const colors[] = {"\033[32m", "\033[33m", "\033[31m"};
    bool color = command_line_color(doctor->line, stdout);
    size_t errors = count_of(doctor, DOCTOR_ERROR), warnings = count_of(doctor, DOCTOR_WARNING);

    for (size_t i = 0; i < doctor->count; i++) {
        const struct doctor_finding *it = &doctor->findings[i];

        if (it->status == DOCTOR_OK && option_on(doctor->line, "quiet"))
            continue;
        printf("%s%-7s%s  %-12s  %.*s\n", color ? colors[it->status] : "", words[it->status],
               color ? "\033[0m" : "", it->about, TEXT_ARG(it->message));
        if (it->hint.len > 0)
            printf("%-7s  %-12s  -> %.*s\n", "", "", TEXT_ARG(it->hint));
    }
    if (option_on(doctor->line, "quiet"))
        return;
    if (errors == 0 && warnings == 0)
        printf("all is well\n");
    else
        printf("%zu error%s, %zu warning%s\n", errors, errors == 1 ? "" : "s", warnings,
               warnings == 1 ? "" : "s");
}

static int run(const struct command_line *line)
{
    struct doctor doctor = {.line = line, .arena = line->arena};
    struct error err = {0};

    if (!config_folder_settings(line, &doctor.settings, &err))
        return remote_error(line, &err);
    doctor_server(&doctor);
    doctor_config(&doctor);
    doctor_store(&doctor);
    doctor_place(&doctor);
    doctor_process(&doctor);
    config_free(doctor.config);
    if (option_on(line, "json"))
        print_json(&doctor);
    else
        print_words(&doctor);
    return count_of(&doctor, DOCTOR_ERROR) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static const struct option_spec options[] = {
    {.name = "deep", .help = "read and check every record of the store too"},
    PLACE_OPTIONS,
};

const struct command_spec command_doctor = {
    .name = "doctor",
    .summary = "Look for whatever may keep a server from doing well",
    .examples = {"doctor", "doctor --deep --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "check, ping, backup",
    .run = run,
};
