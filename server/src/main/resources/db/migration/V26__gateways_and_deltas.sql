-- Devices by the gateway that they stand behind: counted when a gateway brings another.
CREATE INDEX devices_behind ON devices ((metadata->>'gateway')) WHERE metadata->>'gateway' IS NOT NULL;
