/* command/doctor.h
 * What the examinations of `pinion doctor` share. Private to command/doctor*.c. */
#pragma once
#include "command/options.h"
#include "config/config.h"

enum doctor_status { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_ERROR };

struct doctor_finding {
    const char *about; /* "store", "disk space": one thing may have several findings */
    enum doctor_status status;
    struct text message, hint; /* the hint is empty when there is nothing to do */
};

struct doctor {
    const struct command_line *line;
    struct arena *arena;
    struct settings settings;
    struct config *config; /* NULL: it has errors */
    bool running;          /* a server answers at the admin address */
    struct text status;    /* what it says of itself; empty: nothing */
    struct doctor_finding *findings;
    size_t count, room;
};

/* Adds a finding; `hint` may be NULL. */
void doctor_find(struct doctor *doctor, const char *about, enum doctor_status status,
                 const char *hint, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Each examines one part and tells what it finds, good or bad. */
void doctor_server(struct doctor *doctor);  /* is asked first: the others depend on it */
void doctor_config(struct doctor *doctor);  /* files, keys of providers, certificate */
void doctor_store(struct doctor *doctor);   /* opens, size, records, clock, backups */
void doctor_place(struct doctor *doctor);   /* permissions, disk, file system */
void doctor_process(struct doctor *doctor); /* descriptors */
