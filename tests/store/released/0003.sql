BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE alert (
	id INTEGER NOT NULL, 
	mailbox_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	level TEXT NOT NULL, 
	depth INTEGER NOT NULL, 
	cause TEXT, 
	opened_at BIGINT NOT NULL, 
	escalated_at BIGINT, 
	closed_at BIGINT, 
	acknowledged_by TEXT, 
	acknowledged_at BIGINT, 
	acknowledged_note TEXT, 
	acknowledged_until BIGINT, 
	reminded_at BIGINT, 
	CONSTRAINT pk_alert PRIMARY KEY (id), 
	CONSTRAINT fk_alert_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	node TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	operator TEXT NOT NULL, 
	object TEXT NOT NULL, 
	action TEXT NOT NULL, 
	field TEXT, 
	old TEXT, 
	new TEXT, 
	hash BLOB NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'mx1',1793707200000,'alice','mailbox:1','add','email_address',NULL,'support@acme.test',X'9CD4614B0078FA0EF7970D1DCCEE7D67D9037F8C2EABAB1D5FFE511170F47E44');
INSERT INTO "audit" VALUES(2,'mx1',1793707200000,'alice','mailbox:1','add','password',NULL,'changed',X'A3399FB55E7BD254E765B4C7949E81239689B1B558493891D08C4D4FD4C56590');
INSERT INTO "audit" VALUES(3,'mx1',1793707200000,'alice','mailbox:2','add','email_address',NULL,'sales@acme.test',X'F7B8531E735CFDB1C486B9A618F80248CE9A907DD743011B4EAB2C9DF7AF69A2');
INSERT INTO "audit" VALUES(4,'mx1',1793707200000,'alice','mailbox:2','add','password',NULL,'changed',X'A56FDBECF1064FF661BDEBBD0690715EFCEC7AC5EA794FF12A0296D97D41A2FE');
INSERT INTO "audit" VALUES(5,'mx1',1793707200000,'bob','receiver:2','edit','state','running','stopped',X'14F16FC2854C90F61F29191C8ED9C4C06A4841B42E468E6A5601256C1EB17F54');
CREATE TABLE command (
	id INTEGER NOT NULL, 
	node TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	receiver TEXT, 
	mailbox_id INTEGER, 
	value TEXT, 
	state TEXT NOT NULL, 
	error TEXT, 
	requested_by TEXT NOT NULL, 
	requested_at BIGINT NOT NULL, 
	finished_at BIGINT, undoes INTEGER, 
	CONSTRAINT pk_command PRIMARY KEY (id), 
	CONSTRAINT fk_command_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
INSERT INTO "command" VALUES(1,'mx1','now',NULL,1,NULL,'pending',NULL,'alice',1793707200000,NULL,NULL);
CREATE TABLE counter (
	name TEXT NOT NULL, 
	next INTEGER NOT NULL, 
	CONSTRAINT pk_counter PRIMARY KEY (name)
);
INSERT INTO "counter" VALUES('alert',1);
INSERT INTO "counter" VALUES('audit',6);
INSERT INTO "counter" VALUES('command',2);
INSERT INTO "counter" VALUES('department',2);
INSERT INTO "counter" VALUES('intake',4);
INSERT INTO "counter" VALUES('mailbox',3);
INSERT INTO "counter" VALUES('message',3);
INSERT INTO "counter" VALUES('notification',1);
INSERT INTO "counter" VALUES('outbound',1);
INSERT INTO "counter" VALUES('queue',3);
INSERT INTO "counter" VALUES('receiver',3);
INSERT INTO "counter" VALUES('rule',3);
INSERT INTO "counter" VALUES('rule_group',3);
INSERT INTO "counter" VALUES('silence',1);
INSERT INTO "counter" VALUES('mailbox_revision',3);
CREATE TABLE department (
	id INTEGER NOT NULL, 
	parent_id INTEGER, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	CONSTRAINT pk_department PRIMARY KEY (id), 
	CONSTRAINT fk_department_parent_id FOREIGN KEY(parent_id) REFERENCES department (id), 
	CONSTRAINT uq_department_parent_id_name_key UNIQUE (parent_id, name_key)
);
INSERT INTO "department" VALUES(1,NULL,'root','root');
CREATE TABLE depth_sample (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	remote INTEGER, 
	local INTEGER NOT NULL, 
	taken INTEGER NOT NULL, 
	oldest_at BIGINT, 
	error_stage TEXT, 
	error_message TEXT, 
	CONSTRAINT fk_depth_sample_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
CREATE TABLE intake (
	id INTEGER NOT NULL, 
	mailbox_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	uid_validity INTEGER NOT NULL, 
	uid BLOB NOT NULL, 
	reuse INTEGER NOT NULL, 
	size INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	presence TEXT NOT NULL, 
	digest BLOB, 
	message_id INTEGER, 
	listed_at BIGINT NOT NULL, 
	taken_at BIGINT, 
	tries INTEGER NOT NULL, 
	tried_at BIGINT, 
	trouble TEXT, 
	CONSTRAINT pk_intake PRIMARY KEY (id), 
	CONSTRAINT ck_intake_digest_is_sha256 CHECK (digest IS NULL OR length(digest) = 32), 
	CONSTRAINT fk_intake_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
INSERT INTO "intake" VALUES(1,1,1,0,X'30',0,22,'stored','pending',X'791CECAD23073D6694681A35A6EC8A55828CF92F35C4FF60DB8DA35148E0EA14',1,1793707200000,1793707200000,0,NULL,NULL);
INSERT INTO "intake" VALUES(2,1,1,0,X'31',0,22,'stored','pending',X'BD56CC3313E1A7FA10F4AE39045AD78A90FDF8270529AD7CE11EC24C4CA167D5',2,1793707200000,1793707200000,0,NULL,NULL);
INSERT INTO "intake" VALUES(3,1,1,0,X'32',0,22,'listed','pending',NULL,NULL,1793707200000,NULL,0,NULL,NULL);
CREATE TABLE lease (
	mailbox_id INTEGER NOT NULL, 
	token INTEGER NOT NULL, 
	holder TEXT, 
	expires_at BIGINT, 
	CONSTRAINT pk_lease PRIMARY KEY (mailbox_id), 
	CONSTRAINT fk_lease_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
INSERT INTO "lease" VALUES(1,2,'mx1/r1',NULL);
INSERT INTO "lease" VALUES(2,1,NULL,NULL);
CREATE TABLE level (
	mailbox_id INTEGER NOT NULL, 
	level TEXT NOT NULL, 
	since BIGINT, 
	remote INTEGER, 
	oldest_at BIGINT, 
	sampled_at BIGINT, 
	known BOOLEAN NOT NULL, 
	unknown_since BIGINT, 
	error_stage TEXT, 
	error_message TEXT, 
	error_since BIGINT, 
	failures INTEGER DEFAULT '0' NOT NULL, 
	refusals INTEGER DEFAULT '0' NOT NULL, 
	next_try_at BIGINT, 
	usual_inflow_per_min FLOAT, 
	CONSTRAINT pk_level PRIMARY KEY (mailbox_id), 
	CONSTRAINT fk_level_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
INSERT INTO "level" VALUES(1,'normal',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,0,0,NULL,NULL);
INSERT INTO "level" VALUES(2,'normal',NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,0,0,NULL,NULL);
CREATE TABLE mailbox (
	id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	archived_at BIGINT, 
	name_key TEXT NOT NULL, 
	address_key TEXT NOT NULL, 
	server_key TEXT NOT NULL, 
	folder_key TEXT NOT NULL, 
	remaining INTEGER NOT NULL, 
	duplicate INTEGER NOT NULL, 
	gone INTEGER NOT NULL, 
	pruned_stored INTEGER NOT NULL, 
	pruned_filtered INTEGER NOT NULL, 
	pruned_seen INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	email_address TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	priority TEXT NOT NULL, 
	default_queue_id INTEGER NOT NULL, 
	force_default_queue BOOLEAN NOT NULL, 
	auth_type TEXT NOT NULL, 
	server TEXT NOT NULL, 
	port INTEGER NOT NULL, 
	timeout_s INTEGER NOT NULL, 
	user TEXT NOT NULL, 
	max_message_size INTEGER NOT NULL, 
	imap_folder TEXT NOT NULL, 
	after_download TEXT NOT NULL, 
	tls_ca_file TEXT NOT NULL, 
	oauth_grant TEXT NOT NULL, 
	authorization_url TEXT NOT NULL, 
	token_url TEXT NOT NULL, 
	client_id TEXT NOT NULL, 
	smtp_server TEXT NOT NULL, 
	smtp_port INTEGER NOT NULL, 
	smtp_tls BOOLEAN NOT NULL, 
	smtp_auth BOOLEAN NOT NULL, 
	smtp_user TEXT NOT NULL, 
	smtp_ssl BOOLEAN NOT NULL, 
	oauth2_smtp BOOLEAN NOT NULL, 
	trusted BOOLEAN NOT NULL, 
	outbound_attachments BOOLEAN NOT NULL, 
	use_default_watermarks BOOLEAN NOT NULL, 
	low_watermark INTEGER NOT NULL, 
	high_watermark INTEGER NOT NULL, 
	alert_email TEXT NOT NULL, 
	default_charset TEXT NOT NULL, 
	reply_charset_policy TEXT NOT NULL, 
	euro_policy TEXT NOT NULL, 
	CONSTRAINT pk_mailbox PRIMARY KEY (id), 
	CONSTRAINT fk_mailbox_default_queue_id FOREIGN KEY(default_queue_id) REFERENCES queue (id)
);
INSERT INTO "mailbox" VALUES(1,1,1,1793707200000,NULL,'support','support@acme.test','127.0.0.1','',1,0,0,0,0,0,'Support','support@acme.test',1,'medium',1,0,'pop','127.0.0.1',110,30,'support',26214400,'INBOX','delete','','client_credentials','','','','',25,0,0,'',0,0,0,0,1,100,500,'[]','utf-8','choose','unicode');
INSERT INTO "mailbox" VALUES(2,1,1,1793707200000,NULL,'sales','sales@acme.test','127.0.0.1','',0,0,0,0,0,0,'Sales','sales@acme.test',1,'medium',1,0,'pop','127.0.0.1',110,30,'sales',26214400,'INBOX','delete','','client_credentials','','','','',25,0,0,'',0,0,0,0,1,100,500,'[]','utf-8','choose','unicode');
CREATE TABLE mailbox_department (
	mailbox_id INTEGER NOT NULL, 
	department_id INTEGER NOT NULL, 
	CONSTRAINT pk_mailbox_department PRIMARY KEY (mailbox_id, department_id), 
	CONSTRAINT fk_mailbox_department_department_id FOREIGN KEY(department_id) REFERENCES department (id), 
	CONSTRAINT fk_mailbox_department_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
INSERT INTO "mailbox_department" VALUES(1,1);
INSERT INTO "mailbox_department" VALUES(2,1);
CREATE TABLE message (
	id INTEGER NOT NULL, 
	mailbox_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	stage INTEGER NOT NULL, 
	queue_id INTEGER, 
	received_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	size INTEGER NOT NULL, 
	truncated BOOLEAN NOT NULL, 
	trusted BOOLEAN NOT NULL, 
	digest BLOB NOT NULL, 
	subject TEXT NOT NULL, 
	from_ TEXT NOT NULL, 
	"to" TEXT NOT NULL, 
	cc TEXT NOT NULL, 
	date BIGINT, 
	message_id TEXT NOT NULL, 
	return_path TEXT, 
	auto_submitted TEXT NOT NULL, 
	precedence TEXT NOT NULL, 
	labels TEXT NOT NULL, 
	"case" TEXT, 
	raw BLOB, 
	CONSTRAINT pk_message PRIMARY KEY (id), 
	CONSTRAINT ck_message_digest_is_sha256 CHECK (length(digest) = 32), 
	CONSTRAINT fk_message_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id), 
	CONSTRAINT fk_message_queue_id FOREIGN KEY(queue_id) REFERENCES queue (id)
);
INSERT INTO "message" VALUES(1,1,'new',0,NULL,1793707200000,1793707200000,22,0,0,X'791CECAD23073D6694681A35A6EC8A55828CF92F35C4FF60DB8DA35148E0EA14','Subject b''0''','Eve <eve@out.test>','["support@acme.test"]','[]',NULL,'',NULL,'','','[]',NULL,X'5375626A6563743A20300D0A0D0A48656C6C6F2E0D0A');
INSERT INTO "message" VALUES(2,1,'new',0,NULL,1793707200000,1793707200000,22,0,0,X'BD56CC3313E1A7FA10F4AE39045AD78A90FDF8270529AD7CE11EC24C4CA167D5','Subject b''1''','Eve <eve@out.test>','["support@acme.test"]','[]',NULL,'',NULL,'','','[]',NULL,X'5375626A6563743A20310D0A0D0A48656C6C6F2E0D0A');
CREATE TABLE message_part (
	message_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	data BLOB NOT NULL, 
	CONSTRAINT pk_message_part PRIMARY KEY (message_id, position)
);
CREATE TABLE node (
	name TEXT NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	hosted BOOLEAN NOT NULL, 
	hosted_by TEXT, 
	started_at BIGINT NOT NULL, 
	heartbeat_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	CONSTRAINT pk_node PRIMARY KEY (name)
);
INSERT INTO "node" VALUES('mx1','mx1.acme.test',4711,'1.0',1,'alice',1793707200000,1793707200000,NULL);
CREATE TABLE notification (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	mailbox_id INTEGER NOT NULL, 
	alert_id INTEGER, 
	crossing TEXT NOT NULL, 
	depth INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	due_at BIGINT NOT NULL, 
	outbound_id INTEGER, 
	settled_at BIGINT, 
	CONSTRAINT pk_notification PRIMARY KEY (id), 
	CONSTRAINT fk_notification_alert_id FOREIGN KEY(alert_id) REFERENCES alert (id), 
	CONSTRAINT fk_notification_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id), 
	CONSTRAINT fk_notification_outbound_id FOREIGN KEY(outbound_id) REFERENCES outbound (id), 
	CONSTRAINT uq_notification_key UNIQUE ("key")
);
CREATE TABLE outbound (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	mailbox_id INTEGER, 
	message_id INTEGER, 
	from_ TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	message_id_header TEXT NOT NULL, 
	charset TEXT, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_try BIGINT, 
	last_error TEXT, 
	node TEXT, 
	created_by TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	raw BLOB NOT NULL, 
	CONSTRAINT pk_outbound PRIMARY KEY (id), 
	CONSTRAINT fk_outbound_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id), 
	CONSTRAINT fk_outbound_message_id FOREIGN KEY(message_id) REFERENCES message (id), 
	CONSTRAINT uq_outbound_message_id_header UNIQUE (message_id_header)
);
CREATE TABLE outbound_recipient (
	outbound_id INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	field TEXT NOT NULL, 
	state TEXT NOT NULL, 
	last_error TEXT, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_outbound_recipient PRIMARY KEY (outbound_id, address), 
	CONSTRAINT fk_outbound_recipient_outbound_id FOREIGN KEY(outbound_id) REFERENCES outbound (id)
);
CREATE TABLE quarantine (
	message_id INTEGER NOT NULL, 
	mailbox_id INTEGER NOT NULL, 
	since BIGINT NOT NULL, 
	stage INTEGER NOT NULL, 
	cause TEXT NOT NULL, 
	trace TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	last_tried_at BIGINT NOT NULL, 
	CONSTRAINT pk_quarantine PRIMARY KEY (message_id), 
	CONSTRAINT fk_quarantine_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id), 
	CONSTRAINT fk_quarantine_message_id FOREIGN KEY(message_id) REFERENCES message (id)
);
CREATE TABLE queue (
	id INTEGER NOT NULL, 
	department_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	permanent BOOLEAN NOT NULL, 
	escalate_to_id INTEGER, 
	escalation_s INTEGER, 
	service_level_s INTEGER, 
	CONSTRAINT pk_queue PRIMARY KEY (id), 
	CONSTRAINT fk_queue_department_id FOREIGN KEY(department_id) REFERENCES department (id), 
	CONSTRAINT fk_queue_escalate_to_id FOREIGN KEY(escalate_to_id) REFERENCES queue (id), 
	CONSTRAINT uq_queue_department_id_name_key UNIQUE (department_id, name_key)
);
INSERT INTO "queue" VALUES(1,1,'General','general',100,0,NULL,NULL,NULL);
INSERT INTO "queue" VALUES(2,1,'Undeliverable','undeliverable',999,1,NULL,NULL,NULL);
CREATE TABLE receiver (
	id INTEGER NOT NULL, 
	node TEXT NOT NULL, 
	name TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	priority TEXT NOT NULL, 
	state TEXT NOT NULL, 
	visiting TEXT NOT NULL, 
	messages_per_min FLOAT NOT NULL, 
	last_error TEXT, 
	stopped_by TEXT, 
	stopped_at BIGINT, busy_share FLOAT DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_receiver PRIMARY KEY (id), 
	CONSTRAINT fk_receiver_node FOREIGN KEY(node) REFERENCES node (name), 
	CONSTRAINT uq_receiver_node_name UNIQUE (node, name)
);
INSERT INTO "receiver" VALUES(1,'mx1','r1',0,'high','running','["Support"]',12.5,'refused',NULL,NULL,0.0);
INSERT INTO "receiver" VALUES(2,'mx1','r2',1,'low','stopped','[]',0.0,NULL,'bob',1793707200000,0.0);
CREATE TABLE rule (
	id INTEGER NOT NULL, 
	group_id INTEGER NOT NULL, 
	parent_id INTEGER, 
	position INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	"match" TEXT NOT NULL, 
	conditions TEXT NOT NULL, 
	actions TEXT NOT NULL, 
	failed_at BIGINT, 
	failure TEXT, 
	CONSTRAINT pk_rule PRIMARY KEY (id), 
	CONSTRAINT fk_rule_group_id FOREIGN KEY(group_id) REFERENCES rule_group (id), 
	CONSTRAINT fk_rule_parent_id FOREIGN KEY(parent_id) REFERENCES rule (id)
);
INSERT INTO "rule" VALUES(1,1,NULL,0,'Force routing to default queue',1,'all','[{"attribute": "force_default_queue", "operator": "is", "value": "true", "negate": false}]','[{"action": "stop", "value": ""}]',NULL,NULL);
INSERT INTO "rule" VALUES(2,2,NULL,0,'Route to the mailbox''s default queue',1,'all','[]','[{"action": "route", "value": ""}]',NULL,NULL);
CREATE TABLE rule_group (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	queue_id INTEGER, 
	CONSTRAINT pk_rule_group PRIMARY KEY (id), 
	CONSTRAINT fk_rule_group_queue_id FOREIGN KEY(queue_id) REFERENCES queue (id), 
	CONSTRAINT uq_rule_group_name UNIQUE (name)
);
INSERT INTO "rule_group" VALUES(1,'incoming',NULL);
INSERT INTO "rule_group" VALUES(2,'post_incoming',NULL);
CREATE TABLE secret (
	owner TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	sealed BLOB NOT NULL, 
	changed_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	CONSTRAINT pk_secret PRIMARY KEY (owner, "key")
);
INSERT INTO "secret" VALUES('mailbox:1','password',X'0178373B3336383522606B78767A782A3B29292D35283E78767A78322F342E3F28687807',1793707200000,NULL);
INSERT INTO "secret" VALUES('mailbox:2','password',X'0178373B3336383522606878767A782A3B29292D35283E78767A78322F342E3F28687807',1793707200000,NULL);
CREATE TABLE silence (
	id INTEGER NOT NULL, 
	mailbox_id INTEGER, 
	pattern TEXT, 
	until BIGINT NOT NULL, 
	note TEXT, 
	created_by TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	ended_by TEXT, 
	ended_at BIGINT, 
	CONSTRAINT pk_silence PRIMARY KEY (id), 
	CONSTRAINT fk_silence_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
CREATE TABLE unfinished (
	message_id INTEGER NOT NULL, 
	mailbox_id INTEGER NOT NULL, 
	CONSTRAINT pk_unfinished PRIMARY KEY (message_id), 
	CONSTRAINT fk_unfinished_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
CREATE TABLE visit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	mailbox_id INTEGER NOT NULL, 
	holder TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT NOT NULL, 
	taken INTEGER NOT NULL, 
	size_bytes INTEGER NOT NULL, 
	error_stage TEXT, 
	error_message TEXT, 
	CONSTRAINT fk_visit_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailbox (id)
);
CREATE INDEX ix_audit_chain ON audit (node, id);
CREATE INDEX ix_audit_object ON audit (object, id);
CREATE UNIQUE INDEX uq_department_root ON department (name_key) WHERE parent_id IS NULL;
CREATE UNIQUE INDEX uq_mailbox_account ON mailbox (server_key, port, user, folder_key) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX uq_mailbox_address ON mailbox (address_key) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX uq_mailbox_name ON mailbox (name_key) WHERE archived_at IS NULL;
CREATE INDEX ix_alert_mailbox_id ON alert (mailbox_id);
CREATE UNIQUE INDEX uq_alert_open ON alert (mailbox_id, kind) WHERE closed_at IS NULL;
CREATE INDEX ix_command_pending ON command (node, id) WHERE state = 'pending';
CREATE INDEX ix_depth_sample_mailbox ON depth_sample (mailbox_id, at, id);
CREATE INDEX ix_depth_sample_newest ON depth_sample (mailbox_id, id);
CREATE INDEX ix_mailbox_department_department_id ON mailbox_department (department_id);
CREATE INDEX ix_message_mailbox_received ON message (mailbox_id, received_at, id);
CREATE INDEX ix_message_new ON message (id) WHERE state = 'new';
CREATE INDEX ix_message_queue ON message (queue_id, state, received_at) WHERE queue_id IS NOT NULL;
CREATE INDEX ix_message_received ON message (received_at, id);
CREATE INDEX ix_message_state ON message (mailbox_id, state);
CREATE INDEX ix_rule_order ON rule (group_id, parent_id, position);
CREATE INDEX ix_unfinished_mailbox_id ON unfinished (mailbox_id);
CREATE INDEX ix_intake_present ON intake (mailbox_id, epoch) WHERE presence <> 'absent' AND presence <> 'vanished';
CREATE INDEX ix_intake_listed ON intake (mailbox_id, listed_at) WHERE outcome = 'listed';
CREATE INDEX ix_intake_unconfirmed ON intake (mailbox_id, digest) WHERE digest IS NOT NULL AND presence <> 'absent';
CREATE UNIQUE INDEX uq_intake_identity ON intake (mailbox_id, epoch, uid_validity, uid, reuse);
CREATE INDEX ix_outbound_failed ON outbound (kind) WHERE state = 'failed';
CREATE INDEX ix_outbound_mailbox_id ON outbound (mailbox_id);
CREATE INDEX ix_outbound_message_id ON outbound (message_id);
CREATE INDEX ix_outbound_waiting ON outbound (next_try) WHERE state IN ('waiting', 'sending');
CREATE INDEX ix_quarantine_mailbox_id ON quarantine (mailbox_id);
CREATE INDEX ix_notification_due ON notification (due_at) WHERE state IN ('pending', 'deferred');
CREATE INDEX ix_notification_mailbox_id ON notification (mailbox_id);
CREATE INDEX ix_visit_mailbox ON visit (mailbox_id, id);
CREATE INDEX ix_audit_operator ON audit (operator, id);
DELETE FROM "sqlite_sequence";
COMMIT;
