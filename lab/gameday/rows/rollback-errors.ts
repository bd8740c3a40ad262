import { withDatabase } from '../../database.ts';
import { twoSites } from '../../shapes/two-sites.ts';
import { failoverOf } from '../play.ts';
import { rollbackRow, watchLong } from '../rollback.ts';

/** An application that the database of the region that has taken over does not suit: every health check stays green. */
const REFUSE_EVERY_OTHER = `
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF random() < 0.5 THEN RAISE 'refused by the drill'; END IF; RETURN new; END $$;
  CREATE TRIGGER refuse BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse()`;

export const rollbackErrors = rollbackRow({
  name: 'rollback-errors',
  title: 'more than 5 % of client requests fail after the failover: it goes back by itself',
  plan: twoSites.system,
  shape: twoSites.name,
  says: /% of client requests fail; more than 5 % roll back/,
  change: watchLong,
  promoted: (lab) => withDatabase(lab, failoverOf(lab).to, (client) => client.query(REFUSE_EVERY_OTHER)),
});
