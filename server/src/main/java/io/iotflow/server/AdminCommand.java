package io.iotflow.server;

import io.iotflow.server.access.AccessMemory;
import io.iotflow.server.access.AdminToken;
import io.iotflow.server.access.Users;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.core.CannotStart;
import io.iotflow.server.core.PlatformException;
import io.iotflow.server.database.Database;
import io.iotflow.server.encryption.MasterKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// For an operator who is locked out, and for keys. Whoever may write the data folder owns the platform anyway; so this
/// asks for nothing but that, works on this machine only, and only while the platform is stopped.
@Command(name = "admin", description = "Lets an operator in again who is locked out; replaces the master key.",
        synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true,
        subcommands = {AdminCommand.Reset.class, AdminCommand.RotateMasterKey.class})
final class AdminCommand {

    /// What is done with the data folder of a stopped platform.
    @FunctionalInterface
    private interface Work {
        String in(PlatformConfig config, Path folder) throws IOException;
    }

    /// Says what was done, or why it was not.
    private static int done(Main.Configuration configuration, CommandSpec spec, Work work) throws IOException {
        var err = spec.commandLine().getErr();
        try {
            var config = configuration.read();
            try (var folder = DataFolder.lock(config.data().folder())) {
                var out = spec.commandLine().getOut();
                out.println(work.in(config, folder.path()));
                out.flush();
            }
            return 0;
        } catch (ConfigurationReader.Mistakes mistakes) {
            err.println("iotflow: the configuration has mistakes:\n" + mistakes.getMessage());
        } catch (CannotStart | PlatformException e) {
            err.println("iotflow: " + e.getMessage());
        }
        return 2;
    }

    @Command(name = "rotate-master-key", mixinStandardHelpOptions = true, description = {
            "Makes a new master key, or takes one that is configured, and wraps all keys with it.",
            "What is sealed stays as it is. Stop the platform first, on every node."})
    static final class RotateMasterKey implements Callable<Integer> {
        @Mixin
        Main.Configuration configuration;

        @Spec
        CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            return done(configuration, spec, (config, folder) -> {
                try (var database = Database.open(config.database(), folder.resolve("database"))) {
                    return new MasterKeys(config.encryption(), folder.resolve("master-key"))
                            .rotate(database, InstantSource.system());
                }
            });
        }
    }

    @Command(name = "reset", mixinStandardHelpOptions = true, description = {
            "Makes a new admin token, or with --user a new password for that user;",
            "prints it once. Stop the platform first."})
    static final class Reset implements Callable<Integer> {
        @Mixin
        Main.Configuration configuration;

        @Option(names = "--user", paramLabel = "NAME", description = "This user gets a new password, the role admin and"
                + " no second factor, is enabled and unlocked; made if it is not there.")
        String user;

        @Spec
        CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            return done(configuration, spec, (config, folder) ->
                    user == null ? newToken(folder) : newPassword(config, folder));
        }

        private String newToken(Path folder) {
            if (System.getenv(Main.TOKEN) != null) {
                throw new CannotStart("the admin token is what " + Main.TOKEN + " says; change it there");
            }
            return "Admin credential, the only one from the next start on:\n  "
                    + AdminToken.renewedIn(folder.resolve("admin-token"));
        }

        private String newPassword(PlatformConfig config, Path folder) {
            var password = AdminToken.random();
            try (var database = Database.open(config.database(), folder.resolve("database"))) {
                var clock = InstantSource.system();
                new Users(database, new AccessMemory(database), new Audit(database, clock), clock)
                        .restore(user, password);
            }
            return "Password of " + user + ", who is an admin now, shown this once:\n  " + password;
        }
    }
}
