/* The running server: whether it answers, is ready, is of this version, and whose store it has. */
#include "command/doctor.h"

#include "command/remote.h"
#include "document/json_read.h"
#include "store/inspect.h"

static struct text member(struct doctor *doctor, const char *pointer)
{
    struct document document;
    uint32_t at;

    if (!json_read(doctor->status, NULL, doctor->arena, &document, NULL, NULL))
        return (struct text){0};
    at = document_at(&document, 0, text_of(pointer));
    if (at == CELL_NONE || document.cells[at].type != CELL_STRING)
        return (struct text){0};
    return document_text(&document, at);
}

/* Nobody answers; but somebody may be there. */
static void not_running(struct doctor *doctor)
{
    uint64_t pid;

    if (!store_in_use(doctor->settings.store, &pid)) {
        doctor_find(doctor, "server", DOCTOR_WARNING, "start it with: pinion serve",
                    "no server runs on the store in %.*s", TEXT_ARG(doctor->settings.store));
        return;
    }
    doctor_find(doctor, "server", DOCTOR_ERROR,
                "name its admin address with --admin, or look at what the process does",
                "process %llu has the store open, but nobody answers at %.*s",
                (unsigned long long)pid, TEXT_ARG(doctor->settings.admin.text));
}

static void compare_versions(struct doctor *doctor)
{
    struct text version = member(doctor, "/version");

    if (text_equal(version, TEXT(PINION_VERSION)))
        doctor_find(doctor, "version", DOCTOR_OK, NULL, "server and command line are both %s",
                    PINION_VERSION);
    else
        doctor_find(doctor, "version", DOCTOR_WARNING,
                    "restart the server, so that it runs what is installed",
                    "the server is %.*s, this is %s", version.len > 0 ? (int)version.len : 11,
                    version.len > 0 ? version.at : "of unknown", PINION_VERSION);
}

void doctor_server(struct doctor *doctor)
{
    struct error err = {0};
    struct text body;
    int status;

    if (!remote_call(doctor->line, &doctor->settings, "GET", TEXT("/readyz?verbose"),
                     (struct text){0}, &status, &body, &err)) {
        not_running(doctor);
        return;
    }
    doctor->running = true;
    if (status == 200)
        doctor_find(doctor, "server", DOCTOR_OK, NULL, "it answers at %.*s and is ready",
                    TEXT_ARG(doctor->settings.admin.text));
    else
        doctor_find(doctor, "server", DOCTOR_ERROR,
                    "'checks' says which part; the server's log says why", "it is not ready: %.*s",
                    TEXT_ARG(body));
    if (remote_call(doctor->line, &doctor->settings, "GET", TEXT("/admin/v1/status"),
                    (struct text){0}, &status, &body, &err) &&
        status == 200)
        doctor->status = body;
    compare_versions(doctor);
}
