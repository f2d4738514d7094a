package io.iotflow.server;

import io.iotflow.protocol.DeviceTopic.Kind;
import io.iotflow.protocol.TelemetryLimits;
import io.iotflow.protocol.Timestamps;
import io.iotflow.server.access.AdminToken;
import io.iotflow.server.action.ActionQueue;
import io.iotflow.server.action.ActionWorker;
import io.iotflow.server.action.Deeds;
import io.iotflow.server.alert.AlertRoutes;
import io.iotflow.server.alert.Alerts;
import io.iotflow.server.audit.Audit;
import io.iotflow.server.audit.AuditLog;
import io.iotflow.server.audit.AuditRoutes;
import io.iotflow.server.batch.BatchRoutes;
import io.iotflow.server.batch.BatchWorker;
import io.iotflow.server.batch.Deed;
import io.iotflow.server.certificate.CertificateAuthority;
import io.iotflow.server.certificate.ClientTrust;
import io.iotflow.server.certificate.ServerTls;
import io.iotflow.server.command.CommandRoutes;
import io.iotflow.server.command.Commands;
import io.iotflow.server.command.JobRoutes;
import io.iotflow.server.configuration.ConfigurationReports;
import io.iotflow.server.configuration.ConfigurationRoutes;
import io.iotflow.server.configuration.ConfigurationWorker;
import io.iotflow.server.configuration.Configurations;
import io.iotflow.server.core.Closer;
import io.iotflow.server.core.DeviceId;
import io.iotflow.server.core.Limits;
import io.iotflow.server.core.OrganizationPath;
import io.iotflow.server.database.Database;
import io.iotflow.server.device.AdminRoutes;
import io.iotflow.server.device.AttestationRoutes;
import io.iotflow.server.device.CertificateRoutes;
import io.iotflow.server.device.Certificates;
import io.iotflow.server.device.Credentials;
import io.iotflow.server.device.Device;
import io.iotflow.server.device.DeviceRegistry;
import io.iotflow.server.device.DeviceRoutes;
import io.iotflow.server.device.DeviceSearch;
import io.iotflow.server.device.DeviceStatus;
import io.iotflow.server.device.DeviceTargets;
import io.iotflow.server.device.Gateways;
import io.iotflow.server.device.ImportRoutes;
import io.iotflow.server.device.MqttAddress;
import io.iotflow.server.device.Presence;
import io.iotflow.server.device.Provisioning;
import io.iotflow.server.device.ProvisioningRoutes;
import io.iotflow.server.device.RegistrationGate;
import io.iotflow.server.device.Statuses;
import io.iotflow.server.devicetype.DeviceTypeRoutes;
import io.iotflow.server.devicetype.DeviceTypes;
import io.iotflow.server.encryption.EncryptionRoutes;
import io.iotflow.server.encryption.KeyRing;
import io.iotflow.server.encryption.MasterKeys;
import io.iotflow.server.encryption.SealedMetadata;
import io.iotflow.server.encryption.SealedTelemetry;
import io.iotflow.server.encryption.SensitiveFields;
import io.iotflow.server.firmware.Firmware;
import io.iotflow.server.geo.GeofenceRoutes;
import io.iotflow.server.geo.Geofences;
import io.iotflow.server.geo.PositionRoutes;
import io.iotflow.server.geo.Positions;
import io.iotflow.server.group.GroupRoutes;
import io.iotflow.server.group.Groups;
import io.iotflow.server.http.Authentication;
import io.iotflow.server.http.Caller;
import io.iotflow.server.http.HttpListener;
import io.iotflow.server.http.Route;
import io.iotflow.server.ingest.DeviceEvent;
import io.iotflow.server.ingest.InboundMessage;
import io.iotflow.server.ingest.Ingest;
import io.iotflow.server.ingest.Lanes;
import io.iotflow.server.ingest.StoreFollower;
import io.iotflow.server.ingest.http.IngestRoutes;
import io.iotflow.server.ingest.mqtt.Downlink;
import io.iotflow.server.ingest.mqtt.MqttListener;
import io.iotflow.server.ingest.mqtt.MqttRoutes;
import io.iotflow.server.journal.Journal;
import io.iotflow.server.limits.RateLimits;
import io.iotflow.server.live.LiveEvent;
import io.iotflow.server.live.LiveFeed;
import io.iotflow.server.live.LiveRoutes;
import io.iotflow.server.notification.ChannelRoutes;
import io.iotflow.server.notification.Channels;
import io.iotflow.server.notification.Notices;
import io.iotflow.server.notification.Outbox;
import io.iotflow.server.notification.Policy;
import io.iotflow.server.operations.Metrics;
import io.iotflow.server.operations.OperationsRoutes;
import io.iotflow.server.processing.ProcessingRoutes;
import io.iotflow.server.processing.ProcessingRules;
import io.iotflow.server.rollout.RolloutDesk;
import io.iotflow.server.rule.EditorRoutes;
import io.iotflow.server.rule.History;
import io.iotflow.server.rule.RuleEngine;
import io.iotflow.server.rule.RuleRoutes;
import io.iotflow.server.rule.Rules;
import io.iotflow.server.rule.TemplateRoutes;
import io.iotflow.server.rule.TrialRoutes;
import io.iotflow.server.sensor.RecalculationRoutes;
import io.iotflow.server.sensor.SensorRoutes;
import io.iotflow.server.sensor.Sensors;
import io.iotflow.server.shadow.Reports;
import io.iotflow.server.shadow.ShadowRoutes;
import io.iotflow.server.shadow.Shadows;
import io.iotflow.server.telemetry.TelemetryRoutes;
import io.iotflow.server.telemetry.TelemetryStore;
import io.iotflow.server.timeline.TimelineRoutes;
import io.iotflow.server.thingsboard.ThingsBoardRoutes;
import io.iotflow.server.trace.TraceRoutes;
import io.iotflow.server.trace.Traces;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/// The whole platform, wired by hand. Read it top to bottom: a line may use only the lines above it. Closing goes the
/// other way: the ports first, then what was acknowledged is brought to the stores.
public final class Platform implements AutoCloseable {
    private final Closer closer = new Closer();
    private final AdminToken adminToken;
    private final Database database;
    private final Alerts alerts;
    private final DeviceRegistry devices;
    private final HttpListener http;
    private final MqttListener mqtt;

    /// @param givenAdminToken the operator's token if one was given from outside; else one is kept in the data folder
    public Platform(PlatformConfig config, Optional<String> givenAdminToken, InstantSource clock) {
        try {
            var folder = closer.add(DataFolder.lock(config.data().folder())).path();
            adminToken = givenAdminToken.map(AdminToken::given)
                    .orElseGet(() -> AdminToken.keptIn(folder.resolve("admin-token")));
            var limits = new RateLimits(config.limits());
            database = closer.add(Database.open(config.database(), folder.resolve("database")));
            var keyRing = new KeyRing(database,
                    new MasterKeys(config.encryption(), folder.resolve("master-key")), clock);
            var auditLog = closer.add(AuditLog.open(database, config.audit(), folder.resolve("audit-key"), clock));
            var audit = new Audit(database, clock);
            var sensitive = closer.add(new SensitiveFields(database, keyRing, audit, clock));
            devices = new DeviceRegistry(database, config.device(), new SealedMetadata(sensitive, keyRing), audit,
                    clock);
            var credentials = new Credentials(devices);
            var authority = new CertificateAuthority(config.certificates(), folder, clock);
            var trust = new ClientTrust(authority, config.certificates(), clock);
            var certificates = new Certificates(database, devices, authority, trust, config.device(), audit, clock);
            var people = closer.add(new People(config, database, keyRing, audit, clock));
            var organizations = people.organizations();
            BiFunction<OrganizationPath, Long, OrganizationPath> organizationNamed =
                    (scope, id) -> organizations.named(scope, "organization_id", id);
            var authentications = people.authentications(credentials, adminToken);
            var provisioning = new Provisioning(database, devices, audit, clock);
            var presence = closer.add(new Presence(database, config.device(), clock));
            var search = new DeviceSearch(database, presence);
            var groups = closer.add(new Groups(database, devices, search, presence, audit, clock));
            var configurations = new Configurations(database, config.configuration(), new GroupLevels(groups, devices),
                    audit, clock);
            var configurationReports = closer.add(new ConfigurationReports(configurations));
            var sealed = new SealedTelemetry(sensitive, keyRing);
            var telemetry = closer.add(TelemetryStore.open(config.telemetry(), folder.resolve("telemetry"), clock));
            var channels = new Channels(database, keyRing, audit, clock);
            var notices = new Notices(database, clock);
            var actions = new ActionQueue(database, clock);
            var live = new LiveFeed(id -> originOf(id), sealed::open, clock);
            alerts = closer.add(new Alerts(database, config.alerts(), (handle, notice) -> {
                notices.tell(handle, notice);
                actions.tell(handle, notice);
            }, clock));
            alerts.onChange(change -> live.alertChanged(change.device(),
                    new LiveEvent.Origin(change.deviceName(), change.organization()), change.at(), change.fields()));

            var traces = closer.add(new Traces(new Secrecy.OfTraces(sealed), audit, clock));

            var shadows = closer.add(new Shadows(database, config.shadow(), devices::find, audit,
                    clock));
            var journalFolder = folder.resolve("journal");
            var journal = closer.add(Journal.open(config.journal(), journalFolder));
            var downlink = new Downlink(clock);
            var commands = closer.add(new Commands(database, devices, new MqttCommands(downlink), live,
                    config.command(), audit, clock));
            var firmware = closer.add(new Firmware(database, config.firmware(), folder, devices, presence,
                    audit, clock));
            var lanes = closer.add(new Lanes(journal, journalFolder, config.data().lanes(),
                    List.of(alerts, configurationReports.durable(), commands.durable(), firmware.reports()),
                    List.of(shadows.durable())));
            var follower = closer.add(new StoreFollower(journal, telemetry, journalFolder, lanes::kept, clock,
                    config.bench().store()));
            var statuses = new Statuses(database, devices, clock);
            search.answerFrom(statuses);
            var geofences = new Geofences(database, audit, clock);
            var rules = new Rules(database, alerts, (handle, organization, rule) ->
                    notices.check(handle, organization, Policy.of(rule)), geofences, audit, clock);
            var typeRules = new TypeRules(rules);
            var types = new DeviceTypes(database, sensitive, typeRules, configurations::setDefault, audit, clock);
            var sensors = new Sensors(database, audit, clock);
            var equipment = new Equipment(types, sensors);
            var history = new History(telemetry, follower, presence);
            var catchUp = new CatchUp(follower, lanes);
            var engine = new RuleEngine(rules, new RuleEngine.Fleet(devices::find, () -> living(statuses),
                    devices::certificateEnd, sensors::calibrationDue, presence::isOnline,
                    configurations::drifts, search.around(), shadows::view), history, alerts::submit,
                    alerts.breaches(), traces, config.data().lanes(), clock);
            // The rules first: they ask the others what was before.
            lanes.start(List.of(engine, event -> observe(event, telemetry), event -> count(event, presence), live,
                    configurationReports, commands, shadows, firmware.listener()));
            var messages = TelemetryLimits.STANDARD;
            var processing = closer.add(new ProcessingRules(database, devices, telemetry.series(), equipment, audit,
                    clock));
            types.onChange(processing::changedAll);
            sensors.onChange(processing::changed);
            sensors.onChange(engine::deviceChanged);
            processing.knowAround(search.lasting());
            groups.usedBy(new GroupUses(rules, processing, configurations));
            var ingest = new Ingest(messages, telemetry.series(), processing, new Secrecy.AtTheDoor(sealed), traces,
                    journal, config.bench().log(), clock);

            ingest.desiredVersions(shadows::desiredVersion);
            var reports = new Reports(shadows, ingest, lanes);

            var tlsFolder = folder.resolve("tls");
            mqtt = closer.add(new MqttListener(config.mqtt(), folder.resolve("mqtt"),
                    config.mqtt().tlsKeys(tlsFolder).map(keys -> new ServerTls(keys, trust)), ingest, journal, limits,
                    devices, new Gateways(devices, config.registration()), new GroupTopics(groups, devices),
                    credentials, presence, token -> user(authentications, token), downlink, clock));
            var shadowsOverMqtt = new MqttShadows(mqtt);
            shadows.speakBy(shadowsOverMqtt);
            shadows.alsoShared(firmware::sharedAttributes);
            mqtt.onShadowFollowed(shadows::listens);
            var outbox = closer.add(new Outbox(database, channels, notices, config.notification(),
                    mqtt::publishAlert, clock));
            closer.add(new ActionWorker(database, new Deeds(devices, configurations, commands,
                    engine::changedByRule), alerts, clock));
            var deed = new Deed(devices, configurations, commands, groups, firmware);
            closer.add(new BatchWorker(database, deed, live::batchChanged, clock));
            firmware.updates().onChange(it -> live.updateChanged(it.update().device(), it::fields));
            closer.add(firmware.start(new MqttFirmware(mqtt, shadowsOverMqtt, shadows::sharedChanged)));
            var rollouts = closer.add(new RolloutDesk(database, devices, firmware, scope -> devices(statuses, scope),
                    device -> search.facts(device, device.organization()), live::rolloutChanged, audit, clock));
            people.onChange(() -> Thread.startVirtualThread(mqtt::checkUsersAgain));
            devices.onRegister(device -> live.deviceRegistered(device.id(), device.status().word()));
            devices.onRegister(device -> engine.deviceChanged(device.id()));
            devices.onChange(id -> changed(id, devices, live));
            devices.onChange(engine::deviceChanged);
            groups.onChange(engine::deviceChanged);
            groups.onChange(processing::groupsChanged);
            presence.onChange((id, isOnline, _) -> live.presenceChanged(id, isOnline));
            presence.onChange((id, _, _) -> engine.presenceChanged(id));
            credentials.onRefused(engine::credentialRefused);
            shadows.onChange(it -> {
                live.shadowChanged(it.device(), it.half(), it.version(), it.isDifferent());
                engine.shadowChanged(it.device());
            });
            configurations.onChange(event -> mqtt.publish(event.active().device(), Kind.CONFIG, event.payload(), true,
                    Optional.empty()));
            configurations.onDrift(engine::deviceChanged);
            var configurationWorker = closer.add(new ConfigurationWorker(configurations));
            devices.onRegister(device -> configurationWorker.look(device.id()));
            devices.onChange(configurationWorker::lookSoon);
            devices.onMissed(configurationWorker::lookAtAll);
            groups.onChange(configurationWorker::regrouped);

            var targets = new DeviceTargets(devices, search);
            var directory = new KnownDevices(devices, statuses, equipment);
            var positions = new Positions(telemetry.series(), statuses, sealed::open, database, devices);
            var figures = new PlatformFigures(database, presence, statuses, journal, follower, lanes, ingest, telemetry,
                    live, mqtt, auditLog, limits, sealed, alerts, engine, outbox);
            var metrics = closer.add(new Metrics());
            figures.register(metrics);
            PlatformFigures.register(metrics, processing);
            PlatformFigures.register(metrics, commands);
            PlatformFigures.register(metrics, configurations, configurationReports);
            PlatformFigures.register(metrics, shadows);
            PlatformFigures.register(metrics, firmware);
            var gate = new RegistrationGate(config.registration(), clock);
            var ruleRoutes = new RuleRoutes(rules, organizationNamed);
            var operations = closer.add(new OperationsRoutes(Version.NUMBER, figures.checks(), metrics,
                    figures::statistics, clock));
            http = closer.add(new HttpListener(config.http(), config.map(),
                    config.http().tlsKeys(tlsFolder).map(keys -> new ServerTls(keys, trust)), clock, limits,
                    authentications, Stream.concat(people.routes().stream(), Stream.of(
                    new DeviceRoutes(devices, search, provisioning, presence, statuses, gate, mqttAddress(config),
                            (device, _) -> beat(device, ingest)),
                    new ProvisioningRoutes(provisioning),
                    new CertificateRoutes(certificates, devices, provisioning, presence, gate),
                    new AttestationRoutes(devices, database, audit, clock),
                    new ImportRoutes(devices),
                    new AdminRoutes(devices, search, presence, statuses, (answer, device) -> answer.set(
                            "configurations", configurations.active(device.organization(), device.id()).entries()),
                            (scope, id) -> organizations.named(scope, "organization_id", id),
                            telemetry::pointsWritten, clock),
                    new FleetRoutes(devices, search, statuses, presence, telemetry, directory,
                            catchUp::within, operations),
                    new GroupRoutes(groups, devices, search, statuses, presence, alerts::openByDevice,
                            organizationNamed),
                    new TraceRoutes(traces, devices),
                    new ConfigurationRoutes(devices, configurations, organizationNamed),
                    new ShadowRoutes(shadows, devices, reports),
                    new ThingsBoardRoutes(ingest, devices, reports, commands, mqtt.calls(),
                            messages.payloadBytes()),
                    new ProcessingRoutes(processing, devices, telemetry.series(), organizationNamed, clock),
                    new CommandRoutes(database, devices, commands, clock),
                    new JobRoutes(database, commands, targets, audit, clock),
                    new BatchRoutes(database, deed, targets, audit, clock),
                    new IngestRoutes(ingest, devices, messages.payloadBytes(), messages.recordsPerMessage()),
                    new TelemetryRoutes(telemetry, directory, catchUp::within, sealed::open,
                            new LoggedErasure(telemetry, journal, follower, lanes, live, mqtt, devices, audit)),
                    ruleRoutes,
                    new TemplateRoutes(ruleRoutes),
                    closer.add(new TrialRoutes(rules, devices::require, scope -> devices(statuses, scope),
                            search.lasting(), history, shadows::view)),
                    new DeviceTypeRoutes(types, typeRules, organizationNamed),
                    new SensorRoutes(sensors, devices, clock),
                    closer.add(new RecalculationRoutes(sensors, devices, processing, telemetry, follower, sealed,
                            database, audit, clock)),
                    new PositionRoutes(positions, devices, search, telemetry, catchUp::within,
                            presence::isOnline, alerts::worstByDevice, config.map()),
                    new GeofenceRoutes(geofences, organizationNamed),
                    new EditorRoutes(rules, organizationNamed,
                            scope -> telemetry.series().names(directory.visible(scope), Limits.LANGUAGE_METRICS),
                            ProcessingRules::check),
                    firmware.routes(organizationNamed),
                    rollouts.routes(organizationNamed),
                    new MqttRoutes(config.mqtt(), mqtt, ingest.statistics(), clock),
                    new AlertRoutes(database, alerts, audit, clock, engine::pending,
                            (caller, name) -> devices.require(caller, name).id()),
                    new AuditRoutes(auditLog),
                    new TimelineRoutes(database, devices, presence),
                    new EncryptionRoutes(sensitive, organizationNamed),
                    new ChannelRoutes(channels, outbox,
                            (scope, id) -> organizations.named(scope, "organization_id", id)),
                    new LiveRoutes(live, (caller, name) -> devices.require(caller, name).id(),
                            (caller, names) -> groups.anyOf(caller.organization(), names)),
                    operations)).toList()));
            figures.register(metrics, http);
        } catch (RuntimeException | Error failure) {
            try (closer) {
                throw failure;
            }
        }
    }

    /// The latest values follow the log.
    private static void observe(DeviceEvent event, TelemetryStore telemetry) {
        if (!(event instanceof DeviceEvent.TelemetryReceived received)) return;
        for (var measurement : received.measurements()) telemetry.series().observe(received.device(), measurement);
    }

    private static void count(DeviceEvent event, Presence presence) {
        var at = Timestamps.ofMicros(event.receivedMicros());
        if (event instanceof DeviceEvent.TelemetryReceived) presence.counted(event.device(), 1, at);
        else presence.seen(event.device(), at);
    }

    private static List<DeviceId> living(Statuses statuses) {
        return statuses.within(OrganizationPath.ROOT).stream().map(Statuses.Line::id).toList();
    }

    private List<Device> devices(Statuses statuses, OrganizationPath scope) {
        return statuses.within(scope).stream().flatMap(line -> devices.find(line.id()).stream()).toList();
    }

    private static void beat(DeviceId device, Ingest ingest) {
        ingest.accept(new InboundMessage(device, OrganizationPath.ROOT, Kind.HEARTBEAT, new byte[0]));
    }

    /// A device that may not publish any more loses its connections, and one whose life has ended what the broker kept.
    private void changed(DeviceId id, DeviceRegistry devices, LiveFeed live) {
        var device = devices.find(id);
        live.deviceChanged(id, device.map(known -> known.status().word()).orElse("decommissioned"));
        if (device.filter(known -> known.status() != DeviceStatus.DECOMMISSIONED).isEmpty()) {
            live.retire(id);
            alerts.deviceEnded();
            mqtt.retire(id);
        } else if (device.get().quarantine().isPresent()) live.retire(id);
        else if (!device.get().status().mayPublish()) mqtt.disconnect(id);
    }

    private MqttAddress mqttAddress(PlatformConfig config) {
        var host = Optional.of(config.mqtt().host()).filter(name -> !name.equals("0.0.0.0"));
        return new MqttAddress(host, mqtt.port(), mqtt.tlsPort(), mqtt.websocketPort());
    }

    private LiveEvent.Origin originOf(DeviceId id) {
        return devices.find(id).map(device -> new LiveEvent.Origin(device.name(), device.organization()))
                .orElse(new LiveEvent.Origin("", OrganizationPath.ROOT));
    }

    /// Whose token it is, for protocols on which a token is the password.
    private static Optional<Caller.User> user(List<Authentication> authentications, String token) {
        return authentications.stream().flatMap(known -> known.authenticate("bearer", token).stream())
                .filter(Caller.User.class::isInstance).map(Caller.User.class::cast).findFirst();
    }

    /// The operator's token if it was made at this start: to be printed once.
    public Optional<String> freshAdminToken() {
        return adminToken.fresh();
    }

    /// The guest of this data folder, made at the first call; it gets a new key each time.
    Guest registerGuest() {
        return Guest.of(devices);
    }

    /// Every call that it answers, for holding the API document against.
    List<Route> routes() {
        return http.routes();
    }

    /// Its broker, for tests that send what no call sends.
    MqttListener mqtt() {
        return mqtt;
    }

    /// Its records, for tests that need what no call makes.
    Database database() {
        return database;
    }

    public int httpPort() {
        return http.port();
    }

    /// The port of HTTP over TLS, or -1 if there is none.
    public int httpsPort() {
        return http.tlsPort();
    }

    public int mqttPort() {
        return mqtt.port();
    }

    /// The WebSocket and TLS ports of MQTT, -1 where there is none.
    public int mqttWebsocketPort() {
        return mqtt.websocketPort();
    }

    public int mqttTlsPort() {
        return mqtt.tlsPort();
    }

    @Override
    public void close() {
        closer.close();
    }
}
