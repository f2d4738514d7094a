package io.iotflow.server.database;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How to run a PostgreSQL program: where it is, and as whom.
///
/// PostgreSQL refuses to run as root, so when we are root its processes get a user of their own, who owns their folder.
/// That user may not be able to reach the folder by its path (a data folder below `/root`, say). Programs are therefore
/// started inside the folder and are given [#HERE] as its name, which asks nothing of the folders above.
final class PostgresPrograms {
    /// The working folder of whichever process reads this name.
    static final String HERE = "/proc/self/cwd";

    private static final Logger LOG = LoggerFactory.getLogger(PostgresPrograms.class);
    private static final List<String> ACCOUNTS = List.of("iotflow", "postgres", "nobody");

    private final Path bin;
    private final Optional<Account> account;
    private final List<String> prefix;

    private record Account(int user, int group) {}

    private PostgresPrograms(Path bin, Optional<Account> account, List<String> prefix) {
        this.bin = bin;
        this.account = account;
        this.prefix = prefix;
    }

    /// @param folder what the programs will own; when it has a user already, that user stays
    static PostgresPrograms forFolder(Path folder) throws IOException {
        var self = new UnixSystem();
        var isRoot = self.getUid() == 0;
        var bin = PostgresBinaries.unpacked(List.of(cache(isRoot), folder.resolve("programs")));
        var account = isRoot ? Optional.of(accountFor(folder)) : Optional.<Account>empty();
        return new PostgresPrograms(bin, account, prefix(account));
    }

    /// A program with its working folder, ready to start.
    ProcessBuilder command(Path workingFolder, String program, List<String> arguments) {
        var words = new ArrayList<>(prefix);
        words.add(bin.resolve(program).toString());
        words.addAll(arguments);
        var builder = new ProcessBuilder(words).directory(workingFolder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    /// Runs a program to its end, at most two minutes.
    ///
    /// @throws DatabaseException with what the program said, when it fails
    void run(Path workingFolder, String program, List<String> arguments, String input) throws IOException {
        var process = command(workingFolder, program, arguments).start();
        try (var in = process.outputWriter()) {
            in.write(input);
        }
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(2, TimeUnit.MINUTES)) process.destroyForcibly();
            else if (process.exitValue() == 0) return;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        throw new DatabaseException("PostgreSQL's " + program + " failed: " + output.strip());
    }

    /// Gives a file or folder to the user whom the programs run as.
    void give(Path path) throws IOException {
        if (account.isEmpty()) return;
        Files.setAttribute(path, "unix:gid", account.get().group());
        Files.setAttribute(path, "unix:uid", account.get().user());
    }

    private static Path cache(boolean isRoot) {
        if (isRoot) return Path.of("/var/cache/iotflow");
        var xdg = System.getenv("XDG_CACHE_HOME");
        return (xdg == null || xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg))
                .resolve("iotflow");
    }

    private static Account accountFor(Path folder) throws IOException {
        var owner = (int) Files.getAttribute(folder, "unix:uid");
        if (owner != 0) return new Account(owner, (int) Files.getAttribute(folder, "unix:gid"));
        var known = Files.readAllLines(Path.of("/etc/passwd")).stream().map(line -> line.split(":", -1))
                .filter(fields -> fields.length >= 4).toList();
        for (var name : ACCOUNTS) {
            for (var fields : known) {
                if (!fields[0].equals(name)) continue;
                return new Account(Integer.parseInt(fields[2]), Integer.parseInt(fields[3]));
            }
        }
        throw new DatabaseException("PostgreSQL refuses to run as root, and none of the users " + ACCOUNTS
                + " exists. Add a user iotflow, start the platform as another user, or set database.url.");
    }

    /// `setsid` keeps Ctrl-C in a terminal from reaching PostgreSQL before we have written our last; `--pdeathsig`
    /// makes it stop when we are killed. Without either it runs all the same, and the next start cleans up.
    private static List<String> prefix(Optional<Account> account) {
        var words = new ArrayList<String>();
        findProgram("setsid").ifPresent(words::add);
        var setpriv = findProgram("setpriv");
        if (setpriv.isPresent() && knowsDeathSignal(setpriv.get())) {
            words.addAll(List.of(setpriv.get(), "--pdeathsig", "INT"));
        } else {
            LOG.warn("event=postgres_not_bound reason=\"no setpriv with --pdeathsig\" "
                    + "effect=\"it outlives a killed platform until the next start\"");
            if (account.isPresent()) {
                throw new DatabaseException("PostgreSQL refuses to run as root, and there is no setpriv to change the"
                        + " user. Install util-linux, start the platform as another user, or set database.url.");
            }
        }
        account.ifPresent(who -> words.addAll(List.of("--reuid", Integer.toString(who.user()),
                "--regid", Integer.toString(who.group()), "--clear-groups")));
        return List.copyOf(words);
    }

    private static Optional<String> findProgram(String name) {
        return List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin").stream()
                .map(folder -> Path.of(folder, name)).filter(Files::isExecutable).map(Path::toString).findFirst();
    }

    private static boolean knowsDeathSignal(String setpriv) {
        try {
            var trial = new ProcessBuilder(setpriv, "--pdeathsig", "INT", setpriv, "--version")
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return trial.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
