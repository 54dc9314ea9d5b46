#include "transport/http_trust.h"
#include "unit.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <unistd.h>

/* How many anchors a store holds without looking anything up. */
static int held(const struct trust *trust)
{
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(trust->store);

    return sk_X509_OBJECT_num(objects);
}

TEST(the_system_is_trusted_without_reading_its_bundle)
{
    struct trust trust = {0};
    struct error err = {0};

    unsetenv(X509_get_default_cert_file_env());
    unsetenv(X509_get_default_cert_dir_env());
    EXPECT(trust_refresh(&trust, "", &err));
    if (access(X509_get_default_cert_dir(), R_OK) == 0)
        EXPECT_EQ(held(&trust), 0);
    trust_release(&trust);
}

TEST(a_bundle_named_by_the_environment_is_read)
{
    struct trust trust = {0};
    struct error err = {0};

    setenv(X509_get_default_cert_file_env(), X509_get_default_cert_file(), 1);
    EXPECT(trust_refresh(&trust, "", &err));
    EXPECT_EQ(held(&trust) > 0, access(X509_get_default_cert_file(), R_OK) == 0);
    unsetenv(X509_get_default_cert_file_env());
    trust_release(&trust);
}

TEST(what_has_not_changed_is_not_read_again)
{
    struct trust trust = {0};
    struct error err = {0};
    const void *before;

    EXPECT(trust_refresh(&trust, "", &err));
    before = trust.store;
    EXPECT(trust_refresh(&trust, "", &err));
    EXPECT_EQ((uintptr_t)trust.store, (uintptr_t)before);
    trust_release(&trust);
}

static void expect_unreadable(const char *path)
{
    struct trust trust = {0};
    struct error err = {0};

    EXPECT(!trust_refresh(&trust, path, &err));
    EXPECT_EQ(err.code, ERROR_UPSTREAM_TLS);
    EXPECT(strstr(err.message, path) != NULL);
    trust_release(&trust);
}

TEST(a_file_that_holds_no_certificate_is_refused)
{
    char path[] = "/tmp/pinion-trust-XXXXXX";
    int fd = mkstemp(path);

    EXPECT(fd >= 0);
    expect_unreadable("/no/such/file.pem");
    expect_unreadable("/");
    expect_unreadable(path);
    EXPECT_EQ(write(fd, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 58), 58);
    expect_unreadable(path);
    close(fd);
    unlink(path);
}
