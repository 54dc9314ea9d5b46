/* The configuration folder, by the loader that the server uses; the keys of its providers; the
 * certificate that it shows. */
#include "command/doctor.h"

#include "base/clock.h"
#include "command/config_folder.h"
#include "document/diagnostic.h"

#include <stdio.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

enum { CERTIFICATE_WARN_DAYS = 21 };

static size_t count_of(const struct diagnostics *diagnostics, enum diagnostic_code code)
{
    size_t count = 0;

    for (size_t i = 0; i < diagnostics->count; i++)
        count += diagnostics->items[i].code == code;
    return count;
}

/* A key in the environment is the server's, and need not be in this shell's. */
static void look_for_keys(struct doctor *doctor, const struct diagnostics *diagnostics)
{
    size_t missing = count_of(diagnostics, DIAGNOSTIC_W0602);

    if (missing == 0)
        doctor_find(doctor, "keys", DOCTOR_OK, NULL, "the keys of all providers are there");
    else if (doctor->running)
        doctor_find(doctor, "keys", DOCTOR_WARNING,
                    "'pinion check' says which; the server may have been given them",
                    "%zu secret%s the configuration names %s not in this environment", missing,
                    missing == 1 ? "" : "s", missing == 1 ? "is" : "are");
    else
        doctor_find(doctor, "keys", DOCTOR_ERROR,
                    "'pinion check' says which; set them before 'pinion serve'",
                    "%zu secret%s the configuration names %s missing", missing,
                    missing == 1 ? "" : "s", missing == 1 ? "is" : "are");
}

static X509 *read_certificate(struct text path, struct arena *arena)
{
    FILE *file = fopen(arena_terminated(arena, path), "re");
    X509 *certificate = NULL;

    if (file != NULL) {
        certificate = PEM_read_X509(file, NULL, NULL, NULL);
        fclose(file);
    }
    return certificate;
}

static void look_at_certificate(struct doctor *doctor)
{
    struct text path = doctor->settings.certificate;
    X509 *certificate;
    int days = 0, seconds = 0;

    if (path.len == 0)
        return;
    certificate = read_certificate(path, doctor->arena);
    if (certificate == NULL) {
        doctor_find(doctor, "certificate", DOCTOR_ERROR, "'pinion check' says what is wrong",
                    "%.*s holds no certificate that can be read", TEXT_ARG(path));
        return;
    }
    if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) != 1)
        days = seconds = -1;
    if (days < 0 || seconds < 0)
        doctor_find(doctor, "certificate", DOCTOR_ERROR, "put a new one there, then: pinion reload",
                    "%.*s has expired", TEXT_ARG(path));
    else if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        doctor_find(doctor, "certificate", DOCTOR_ERROR, "look at this machine's clock",
                    "%.*s is not valid yet", TEXT_ARG(path));
    else
        doctor_find(
            doctor, "certificate", days < CERTIFICATE_WARN_DAYS ? DOCTOR_WARNING : DOCTOR_OK,
            days < CERTIFICATE_WARN_DAYS ? "put a new one there, then: pinion reload" : NULL,
            "it is valid for another %d day%s", days, days == 1 ? "" : "s");
    X509_free(certificate);
}

/* They name endpoints, models and money, and ask for no token. */
static void look_at_metrics(struct doctor *doctor)
{
    const struct listen_address *listen = &doctor->settings.listen;

    if (doctor->settings.metrics.text.len > 0)
        doctor_find(doctor, "metrics", DOCTOR_OK, NULL, "they are told at %.*s, and not to callers",
                    TEXT_ARG(doctor->settings.metrics.text));
    else if (listen->path.len > 0 || text_starts(listen->host, TEXT("127.")) ||
             text_equal(listen->host, TEXT("::1")))
        doctor_find(doctor, "metrics", DOCTOR_OK, NULL, "they are told to this machine only");
    else
        doctor_find(doctor, "metrics", DOCTOR_WARNING,
                    "give them a listener of their own, metrics: {listen: \"127.0.0.1:9464\"}, or "
                    "keep /metrics from callers by the proxy in front",
                    "whoever reaches %.*s may read /metrics: endpoints, models, what they cost",
                    TEXT_ARG(listen->text));
}

void doctor_config(struct doctor *doctor)
{
    struct diagnostics diagnostics = {.arena = doctor->arena};
    struct key_source keys;
    struct vault vault;
    const struct config_options options = {.allow_missing_secrets = true, .vault = &vault};

    config_folder_vault(doctor->line, &keys, &vault);
    doctor->config = config_load(config_folder(doctor->line), &options, &diagnostics);
    vault_release(&vault);
    if (doctor->config == NULL)
        doctor_find(doctor, "config", DOCTOR_ERROR, "'pinion check' says what and where",
                    "the configuration in '%.*s' has errors",
                    TEXT_ARG(config_folder(doctor->line)));
    else
        doctor_find(doctor, "config", DOCTOR_OK, NULL, "%zu endpoint%s, %zu provider%s",
                    doctor->config->endpoint_count, doctor->config->endpoint_count == 1 ? "" : "s",
                    doctor->config->provider_count, doctor->config->provider_count == 1 ? "" : "s");
    if (doctor->config != NULL)
        look_for_keys(doctor, &diagnostics);
    look_at_certificate(doctor);
    look_at_metrics(doctor);
}
