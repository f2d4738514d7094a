-- What waits is counted by organization, step and reason each second.
CREATE INDEX deliveries_share ON deliveries (organization, step, held) WHERE state = 'waiting';
