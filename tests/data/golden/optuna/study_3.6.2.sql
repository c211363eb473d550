BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v3.2.0.a');
CREATE TABLE studies (
	study_id INTEGER NOT NULL, 
	study_name VARCHAR(512) NOT NULL, 
	PRIMARY KEY (study_id)
);
INSERT INTO "studies" VALUES(1,'kinds');
INSERT INTO "studies" VALUES(2,'two objectives');
INSERT INTO "studies" VALUES(3,'null choice');
INSERT INTO "studies" VALUES(4,'empty');
CREATE TABLE study_directions (
	study_direction_id INTEGER NOT NULL, 
	direction VARCHAR(8) NOT NULL, 
	study_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	PRIMARY KEY (study_direction_id), 
	UNIQUE (study_id, objective), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_directions" VALUES(1,'MAXIMIZE',1,0);
INSERT INTO "study_directions" VALUES(2,'MINIMIZE',2,0);
INSERT INTO "study_directions" VALUES(3,'MAXIMIZE',2,1);
INSERT INTO "study_directions" VALUES(4,'MINIMIZE',3,0);
INSERT INTO "study_directions" VALUES(5,'MINIMIZE',4,0);
CREATE TABLE study_system_attributes (
	study_system_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_system_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_system_attributes" VALUES(1,1,'study:metric_names','["accuracy"]');
CREATE TABLE study_user_attributes (
	study_user_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_user_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_user_attributes" VALUES(1,1,'who','"someone"');
CREATE TABLE trial_heartbeats (
	trial_heartbeat_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	heartbeat DATETIME NOT NULL, 
	PRIMARY KEY (trial_heartbeat_id), 
	UNIQUE (trial_id), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_intermediate_values (
	trial_intermediate_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	intermediate_value FLOAT, 
	intermediate_value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_intermediate_value_id), 
	UNIQUE (trial_id, step), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_intermediate_values" VALUES(1,1,1,0.5,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(2,1,2,7.99999999999999933386e-01,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(3,2,1,0.5,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(4,2,2,NULL,'NAN');
INSERT INTO "trial_intermediate_values" VALUES(5,2,3,NULL,'INF_POS');
INSERT INTO "trial_intermediate_values" VALUES(6,2,4,NULL,'INF_NEG');
INSERT INTO "trial_intermediate_values" VALUES(7,3,1,NULL,'NAN');
INSERT INTO "trial_intermediate_values" VALUES(8,5,1,0.25,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(9,5,3,NULL,'NAN');
INSERT INTO "trial_intermediate_values" VALUES(10,7,5,0.125,'FINITE');
CREATE TABLE trial_params (
	param_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	param_name VARCHAR(512), 
	param_value FLOAT, 
	distribution_json TEXT, 
	PRIMARY KEY (param_id), 
	UNIQUE (trial_id, param_name), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_params" VALUES(1,1,'x',3.00000000000000044408e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": -1.5, "high": 2.5, "log": false}}');
INSERT INTO "trial_params" VALUES(2,1,'lr',0.0003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(3,1,'dropout',0.75,'{"name": "FloatDistribution", "attributes": {"step": 0.25, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(4,1,'layers',7.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 10}}');
INSERT INTO "trial_params" VALUES(5,1,'width',100.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 8, "high": 512}}');
INSERT INTO "trial_params" VALUES(6,1,'heads',6.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 2, "low": 2, "high": 10}}');
INSERT INTO "trial_params" VALUES(7,1,'activation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "gelu"]}}');
INSERT INTO "trial_params" VALUES(8,1,'batch',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [8, 16, 32]}}');
INSERT INTO "trial_params" VALUES(9,1,'bias',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [true, false]}}');
INSERT INTO "trial_params" VALUES(10,2,'x',3.00000000000000044408e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": -1.5, "high": 2.5, "log": false}}');
INSERT INTO "trial_params" VALUES(11,2,'lr',0.0003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(12,2,'dropout',0.75,'{"name": "FloatDistribution", "attributes": {"step": 0.25, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(13,2,'layers',7.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 10}}');
INSERT INTO "trial_params" VALUES(14,2,'width',100.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 8, "high": 512}}');
INSERT INTO "trial_params" VALUES(15,2,'heads',6.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 2, "low": 2, "high": 10}}');
INSERT INTO "trial_params" VALUES(16,2,'activation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "gelu"]}}');
INSERT INTO "trial_params" VALUES(17,2,'batch',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [8, 16, 32]}}');
INSERT INTO "trial_params" VALUES(18,2,'bias',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [true, false]}}');
INSERT INTO "trial_params" VALUES(19,3,'x',-1.5,'{"name": "FloatDistribution", "attributes": {"step": null, "low": -1.5, "high": 2.5, "log": false}}');
INSERT INTO "trial_params" VALUES(20,3,'bias',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [true, false]}}');
INSERT INTO "trial_params" VALUES(21,4,'x',7.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": -1.0, "high": 7.0, "log": false}}');
INSERT INTO "trial_params" VALUES(22,4,'lr',0.0003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(23,4,'dropout',0.75,'{"name": "FloatDistribution", "attributes": {"step": 0.25, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(24,4,'layers',7.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 10}}');
INSERT INTO "trial_params" VALUES(25,4,'width',100.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 8, "high": 512}}');
INSERT INTO "trial_params" VALUES(26,4,'heads',6.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 2, "low": 2, "high": 10}}');
INSERT INTO "trial_params" VALUES(27,4,'activation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "gelu"]}}');
INSERT INTO "trial_params" VALUES(28,4,'batch',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [8, 16, 32]}}');
INSERT INTO "trial_params" VALUES(29,4,'bias',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [true, false]}}');
INSERT INTO "trial_params" VALUES(30,5,'x',3.00000000000000044408e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": -1.5, "high": 2.5, "log": false}}');
INSERT INTO "trial_params" VALUES(31,5,'lr',0.0003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(32,5,'dropout',0.75,'{"name": "FloatDistribution", "attributes": {"step": 0.25, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(33,5,'layers',7.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 10}}');
INSERT INTO "trial_params" VALUES(34,5,'width',100.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 8, "high": 512}}');
INSERT INTO "trial_params" VALUES(35,5,'heads',6.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 2, "low": 2, "high": 10}}');
INSERT INTO "trial_params" VALUES(36,5,'activation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "gelu"]}}');
INSERT INTO "trial_params" VALUES(37,5,'batch',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [8, 16, 32]}}');
INSERT INTO "trial_params" VALUES(38,5,'bias',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [true, false]}}');
INSERT INTO "trial_params" VALUES(39,7,'x',3.00000000000000044408e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": -1.5, "high": 2.5, "log": false}}');
INSERT INTO "trial_params" VALUES(40,7,'lr',0.0003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(41,7,'dropout',0.75,'{"name": "FloatDistribution", "attributes": {"step": 0.25, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(42,7,'layers',7.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 1, "low": 1, "high": 10}}');
INSERT INTO "trial_params" VALUES(43,7,'width',100.0,'{"name": "IntDistribution", "attributes": {"log": true, "step": 1, "low": 8, "high": 512}}');
INSERT INTO "trial_params" VALUES(44,7,'heads',6.0,'{"name": "IntDistribution", "attributes": {"log": false, "step": 2, "low": 2, "high": 10}}');
INSERT INTO "trial_params" VALUES(45,7,'activation',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "gelu"]}}');
INSERT INTO "trial_params" VALUES(46,7,'batch',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [8, 16, 32]}}');
INSERT INTO "trial_params" VALUES(47,7,'bias',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [true, false]}}');
INSERT INTO "trial_params" VALUES(48,8,'x',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": -1.5, "high": 2.5, "log": false}}');
INSERT INTO "trial_params" VALUES(49,9,'depth',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": [3, null]}}');
CREATE TABLE trial_system_attributes (
	trial_system_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_system_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_system_attributes" VALUES(1,6,'fixed_params','{"x": 1.0}');
CREATE TABLE trial_user_attributes (
	trial_user_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_user_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_user_attributes" VALUES(1,1,'seed','"a text"');
INSERT INTO "trial_user_attributes" VALUES(2,1,'note','[1, null]');
CREATE TABLE trial_values (
	trial_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	value FLOAT, 
	value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_value_id), 
	UNIQUE (trial_id, objective), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_values" VALUES(1,1,0,7.99999999999999933386e-01,'FINITE');
INSERT INTO "trial_values" VALUES(2,2,0,NULL,'INF_NEG');
INSERT INTO "trial_values" VALUES(3,4,0,NULL,'INF_POS');
INSERT INTO "trial_values" VALUES(4,8,0,0.5,'FINITE');
INSERT INTO "trial_values" VALUES(5,8,1,64.0,'FINITE');
INSERT INTO "trial_values" VALUES(6,9,0,1.0,'FINITE');
CREATE TABLE trials (
	trial_id INTEGER NOT NULL, 
	number INTEGER, 
	study_id INTEGER, 
	state VARCHAR(8) NOT NULL, 
	datetime_start DATETIME, 
	datetime_complete DATETIME, 
	PRIMARY KEY (trial_id), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "trials" VALUES(1,0,1,'COMPLETE','2026-11-26 09:25:40.273850','2026-11-26 09:25:40.273850');
INSERT INTO "trials" VALUES(2,1,1,'PRUNED','2026-11-26 09:25:46.201370','2026-11-26 09:25:46.201370');
INSERT INTO "trials" VALUES(3,2,1,'FAIL','2026-11-26 09:25:49.633694','2026-11-26 09:25:49.633694');
INSERT INTO "trials" VALUES(4,3,1,'COMPLETE','2026-11-26 09:25:50.676332','2026-11-26 09:25:50.676332');
INSERT INTO "trials" VALUES(5,4,1,'PRUNED','2026-11-26 09:25:53.709782','2026-11-26 09:25:53.709782');
INSERT INTO "trials" VALUES(6,5,1,'WAITING',NULL,NULL);
INSERT INTO "trials" VALUES(7,6,1,'RUNNING','2026-11-26 09:25:57.793760',NULL);
INSERT INTO "trials" VALUES(8,0,2,'COMPLETE','2026-11-26 09:26:05.475046','2026-11-26 09:26:05.475046');
INSERT INTO "trials" VALUES(9,0,3,'COMPLETE','2026-11-26 09:26:18.763920','2026-11-26 09:26:18.763920');
CREATE TABLE version_info (
	version_info_id INTEGER NOT NULL, 
	schema_version INTEGER, 
	library_version VARCHAR(256), 
	PRIMARY KEY (version_info_id), 
	CHECK (version_info_id=1)
);
INSERT INTO "version_info" VALUES(1,12,'3.6.2');
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE INDEX ix_trials_study_id ON trials (study_id);
COMMIT;
