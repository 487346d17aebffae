// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/quote.h"
#include "cli/install_checks.h"
#include "unit/pam.h"

#define MAX_WORDS 256

/* A command of a unit, as systemctl shows it: "{ path=... ; argv[]=/usr/bin/docker run mail ; ..." */
struct words {
	char *text;
	const char *item[MAX_WORDS];
	size_t n;
};

static void words_free(struct words *w)
{
	free(w->text);
}

static bool has(const struct words *w, const char *word)
{
	for (size_t i = 1; i < w->n; i++)
		if (strcmp(w->item[i], word) == 0)
			return true;
	return false;
}

/*
 * The value of an option, written as "--name=value" or "--name value"; NULL:
 * it is not there. Of several the last one counts, as with podman and docker.
 */
static const char *value_of(const struct words *w, const char *option)
{
	const char *value = NULL;
	size_t n = strlen(option);

	for (size_t i = 1; i < w->n; i++) {
		if (strncmp(w->item[i], option, n) == 0 && w->item[i][n] == '=')
			value = w->item[i] + n + 1;
		else if (strcmp(w->item[i], option) == 0)
			value = i + 1 < w->n ? w->item[i + 1] : "";
	}
	return value;
}

/* The program's name, without its folder; "" if there is no command. */
static const char *read_command(const char *line, struct words *ret)
{
	const char *argv = strstr(line, "argv[]="), *end, *slash;
	char *rest;

	*ret = (struct words){ 0 };
	if (!argv)
		return "";
	argv += strlen("argv[]=");
	end = strstr(argv, " ; ignore_errors=");
	ret->text = xstrndup(argv, end ? (size_t)(end - argv) : strcspn(argv, "\n"));
	for (char *word = strtok_r(ret->text, " ", &rest); word && ret->n < MAX_WORDS;
	     word = strtok_r(NULL, " ", &rest))
		ret->item[ret->n++] = word;
	if (!ret->n)
		return "";
	slash = strrchr(ret->item[0], '/');
	return slash ? slash + 1 : ret->item[0];
}

/* The command of an engine among the words that has something run in a container; NULL: there is none. */
static const char *find_run(const struct words *w)
{
	static const char *const runs[] = { "run", "start", "restart", "exec", "attach", "up", "play" };

	for (size_t k = 0; k < sizeof(runs) / sizeof(*runs); k++)
		if (has(w, runs[k]))
			return runs[k];
	return NULL;
}

static int refuse_docker(const char *id, const char *program, const struct words *w, struct failure *f)
{
	const char *parent = value_of(w, "--cgroup-parent");
	_cleanup_free_ char *word = quote_word(parent ? parent : "NAME.slice");

	return fail(f, -EINVAL,
		    "cannot install for %s: %s only asks its daemon, which runs the container in a cgroup of its own "
		    "(%ssrcpin %s %s)",
		    id, program, parent ? "" : "start it with --cgroup-parent=NAME.slice, and: ",
		    parent && *parent == '/' ? "load --cgroup" : "install --unit", word);
}

static bool stays_with_podman(const struct words *w)
{
	const char *cgroups = value_of(w, "--cgroups");

	return cgroups && (strcmp(cgroups, "split") == 0 || strcmp(cgroups, "disabled") == 0);
}

static int check_podman(const char *id, const struct words *w, struct failure *f)
{
	const char *run = find_run(w);

	if (!run)
		return 0;
	if (strcmp(run, "run") != 0)
		return fail(f, -EINVAL,
			    "cannot install for %s: podman %s has the container where it was created for, usually in "
			    "a cgroup of its own (use podman run --cgroups=split; or pin podman's slice: srcpin "
			    "install --unit machine.slice)",
			    id, run);
	if (!stays_with_podman(w))
		return fail(f, -EINVAL,
			    "cannot install for %s: podman run would move the container to a cgroup of its own (add "
			    "--cgroups=split, and Delegate=yes to the unit)",
			    id);
	return 0;
}

static int check_command(const char *id, const char *line, struct failure *f)
{
	_cleanup_(words_free) struct words w = { 0 };
	const char *program = read_command(line, &w);

	if (strcmp(program, "docker-compose") == 0 ||
	    ((strcmp(program, "docker") == 0 || strcmp(program, "nerdctl") == 0) && find_run(&w)))
		return refuse_docker(id, program, &w, f);
	if (strcmp(program, "podman") == 0)
		return check_podman(id, &w, f);
	if (strcmp(program, "su") == 0 ||
	    (strcmp(program, "runuser") == 0 && (has(&w, "-l") || has(&w, "--login") || has(&w, "-"))))
		return fail(f, -EINVAL,
			    "cannot install for %s: %s in its ExecStart= would move it to the cgroup of a session (set "
			    "User= instead, or use runuser -u USER -- COMMAND)",
			    id, program);
	return 0;
}

int install_check_place(const struct unit *u, struct failure *f)
{
	const char *id = u->is[UNIT_ID], *pam = u->is[UNIT_PAM_NAME];
	_cleanup_free_ char *lines = xstrdup(u->is[UNIT_EXEC_START]);
	char *rest;
	int err = 0;

	if (pam_opens_session(pam_directories, pam))
		return fail(
			f, -EINVAL,
			"cannot install for %s: with PAMName=%s, which reaches pam_systemd, it would be moved to the "
			"cgroup of a session (leave PAMName= out, User= does not need it; or name a stack without "
			"pam_systemd)",
			id, pam);
	for (char *line = strtok_r(lines, "\n", &rest); line && !err; line = strtok_r(NULL, "\n", &rest))
		err = check_command(id, line, f);
	return err;
}

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static void warn_of_network(const char *id, const struct unit *u)
{
	const char *device = u->is[UNIT_BIND_INTERFACE], *path = u->is[UNIT_NETWORK_NAMESPACE];

	if (*device)
		log_warning(
			"%s has BindNetworkInterface=%s: all that it sends leaves by that device, so the source has "
			"to be an address that is routed there",
			id, device);
	if (strcmp(u->is[UNIT_PRIVATE_NETWORK], "yes") == 0 || *path)
		log_warning("%s has a network of its own (%s%s): the source has to be an address in there, and what is "
			    "pinned is refused without it",
			    id, *path ? "NetworkNamespacePath=" : "PrivateNetwork=yes", path);
}

static void warn_of_sockets(const char *id, const struct unit *u)
{
	_cleanup_free_ char *all = xstrdup(u->is[UNIT_TRIGGERED_BY]);
	char *rest;

	for (char *name = strtok_r(all, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		const char *dot = strrchr(name, '.');

		if (dot && strcmp(dot, ".socket") == 0)
			log_warning("%s gets sockets from %s: systemd has made them, so what %s sends by one of those "
				    "itself is not pinned (answers to whoever has connected are right)",
				    id, name, id);
	}
}

static void warn_of_tunnel(const char *id)
{
	static const char *const of[] = { "wg-quick@", "openvpn-client@", "openvpn-server@", "openvpn@" };

	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++)
		if (begins(id, of[i]))
			log_warning(
				"%s makes a tunnel: the packets that the kernel sends for it are those of no service, "
				"and not pinned (%sput src SOURCE on the route to its other end)",
				id, i ? "give OpenVPN the option local SOURCE, or " : ""); /* WireGuard has none */
}

void install_warn(const struct unit *u)
{
	_cleanup_(words_free) struct words w = { 0 };
	const char *id = u->is[UNIT_ID];
	_cleanup_free_ char *word = quote_word(id);

	warn_of_network(id, u);
	warn_of_sockets(id, u);
	warn_of_tunnel(id);
	if (strcmp(read_command(u->is[UNIT_EXEC_START], &w), "podman") == 0)
		log_warning("%s: podman restart in a shell moves its container to the cgroup of the shell, unpinned "
			    "(systemctl restart %s)",
			    id, word);
}
