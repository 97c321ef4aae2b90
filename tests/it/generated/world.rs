//! What there is to ask for: accounts, jobs and attempts to link, of the caller's and of others.

use std::time::Duration;

use axum::http::Method;
use mono_connect_tests::{Answer, Call, TestApp, Visitor};
use mono_simulator::LinkAs;
use serde_json::{Value, json};

use super::document::Operation;
use super::values::Values;
use crate::callers::service::KEY;

/// What a call is made of.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// The path with its query.
    pub(super) target: String,
    pub(super) headers: Vec<(&'static str, String)>,
    /// With its type.
    pub(super) body: Option<(&'static str, Vec<u8>)>,
}

/// One caller's world.
pub(super) struct World<'a> {
    app: &'a TestApp,
    visitor: Visitor<'a>,
    anothers: String,
    user: String,
    account: Option<String>,
    jobs: Vec<String>,
}

impl<'a> World<'a> {
    pub(super) async fn new(app: &'a TestApp) -> Self {
        let anothers = app.visitor().await.links_and_waits().await;
        let mut world = Self {
            app,
            visitor: app.visitor().await,
            anothers,
            user: String::new(),
            account: None,
            jobs: Vec::new(),
        };
        world.is_whole().await;
        world
    }

    /// Makes sure that there is an account whose data is there, with jobs; a call may have ended it.
    pub(super) async fn is_whole(&mut self) {
        if let Some(id) = &self.account {
            let path = format!("/api/accounts/{id}");
            if self.visitor.get(&path).send().await.status == 200 {
                return;
            }
        }
        let id = self.visitor.links_and_waits().await;
        let pdf = self
            .visitor
            .post(&format!("/api/accounts/{id}/statement-pdfs"))
            .json(&json!({"period": "last1month"}))
            .await
            .assert_status(202);
        let unknown = "66c5b5e2f1a3d4c0b8e7a901".to_owned();
        self.jobs = vec![unknown, pdf["job_id"].as_str().unwrap().to_owned()];
        let synced = self
            .visitor
            .post(&format!("/api/accounts/{id}/sync"))
            .send()
            .await
            .assert_status(200);
        self.jobs
            .extend(synced["job_id"].as_str().map(str::to_owned));
        let owned = self.service(&format!("/service/accounts/{id}")).await;
        owned["user_id"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.user);
        self.account = Some(id);
    }

    async fn service(&self, path: &str) -> Value {
        let mut back_end = self.app.newcomer();
        let call = back_end.get(path).without("x-mono-connect");
        let call = call.header("authorization", &format!("Bearer {KEY}"));
        call.send().await.assert_status(200)
    }

    /// Something for a place of the path: mostly what there is.
    pub(super) fn named(&self, name: &str, schema: &Value, values: &mut Values<'_>) -> String {
        let account = self.account.clone().unwrap_or_default();
        if values.one_in(8) {
            return values.good_text(schema);
        }
        match name {
            "id" if values.one_in(8) => self.anothers.clone(),
            "id" => account,
            "job_id" => values.pick(&self.jobs).clone(),
            "user_id" => self.user.clone(),
            _ => values.good_text(schema),
        }
    }

    /// A body that a good call may have: for an exchange, mostly a code that is still good.
    pub(super) async fn body(
        &mut self,
        operation: &Operation,
        schema: &Value,
        values: &mut Values<'_>,
    ) -> Value {
        let mut body = values.good(schema);
        if operation.name == "exchange_code" && !values.one_in(3) {
            let reference = self.visitor.starts_link().await;
            let named = (!values.one_in(4)).then(|| reference.clone());
            let who = LinkAs {
                reference: named,
                ..LinkAs::default()
            };
            let code = self.app.simulator.link(who).await.unwrap().code;
            body = json!({"code": code, "reference": reference});
        }
        body
    }

    /// Lets some time pass, and what falls due meanwhile happen.
    pub(super) async fn waits(&self, seconds: u64) {
        self.app
            .advance_and_work(Duration::from_secs(seconds))
            .await;
    }

    /// Makes a call, as whoever may make it; `stranger`: as somebody who may not.
    pub(super) async fn calls(
        &mut self,
        operation: &Operation,
        made: &Made,
        stranger: bool,
    ) -> Answer {
        let schemes = operation.schemes();
        let of_page = operation.path.starts_with("/api");
        let mut nobody = self.app.newcomer();
        let caller = if of_page && !stranger {
            &mut self.visitor
        } else {
            &mut nobody
        };
        let mut call = prepared(caller, &operation.method, made);
        if schemes.contains("service_key") && !stranger {
            call = call.header("authorization", &format!("Bearer {KEY}"));
        }
        if schemes.contains("webhook_secret") && !stranger {
            call = call.header("mono-webhook-secret", "webhook_secret_simulator");
        }
        call.send().await
    }

    /// Opens the stream and gives its first event.
    pub(super) async fn watches(&self) -> (String, Value) {
        let event = self.visitor.watches(None).await.next().await;
        (event.name, event.data)
    }
}

fn prepared<'v, 'a>(caller: &'v mut Visitor<'a>, method: &Method, made: &Made) -> Call<'v, 'a> {
    let mut call = caller
        .call(method.clone(), &made.target)
        .without("x-mono-connect");
    for (name, value) in &made.headers {
        call = call.header(name, value);
    }
    if let Some((kind, body)) = &made.body {
        call = call.body(kind, body.clone());
    }
    call
}
