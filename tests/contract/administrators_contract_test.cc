// SPDX-License-Identifier: Apache-2.0

#include "tests/contract/store_contract.h"

namespace pinhole::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AdministratorsContract : public StoreContract {
 protected:
  void Set(UserId user, bool administrator) {
    ASSERT_THAT(Try(SetAdministrator{user, administrator}), IsOk());
  }
  Session Login(UserId user, std::string token_hash) {
    return Try(CreateSession{user,
                             std::move(token_hash),
                             clock_.Now() + absl::Hours(1),
                             "hash",
                             {}})
        .value();
  }
  std::vector<std::string> Administrators() {
    return store().ListAdministrators().value();
  }
};

TEST_P(AdministratorsContract, NobodyIsOneUntilNamed) {
  const UserId ansel = Register("ansel");

  EXPECT_FALSE(store().FindCredentials("ansel")->administrator);
  EXPECT_FALSE(Login(ansel, "token").administrator);
  EXPECT_THAT(Administrators(), IsEmpty());
}

TEST_P(AdministratorsContract, NamingOneHoldsForAllTheirSessions) {
  const UserId ansel = Register("ansel");
  Register("dora");
  Login(ansel, "before");

  Set(ansel, true);

  EXPECT_TRUE(store().FindSession("before")->administrator);
  EXPECT_TRUE(Login(ansel, "after").administrator);
  EXPECT_TRUE(store().ListSessions(ansel, {})->items[0].administrator);
  EXPECT_TRUE(store().FindCredentials(ansel)->administrator);
  EXPECT_FALSE(store().FindCredentials("dora")->administrator);
}

TEST_P(AdministratorsContract, NamingTwiceIsNamingOnce) {
  const UserId ansel = Register("ansel");

  Set(ansel, true);
  Set(ansel, true);

  EXPECT_THAT(Administrators(), ElementsAre("ansel"));
}

TEST_P(AdministratorsContract, RevokingHoldsForAllTheirSessions) {
  const UserId ansel = Register("ansel");
  Set(ansel, true);
  Login(ansel, "token");

  Set(ansel, false);

  EXPECT_FALSE(store().FindSession("token")->administrator);
  EXPECT_FALSE(store().FindCredentials("ansel")->administrator);
  EXPECT_THAT(Administrators(), IsEmpty());
}

TEST_P(AdministratorsContract, AreListedByHandle) {
  for (const char* handle : {"dora", "ansel", "edward"}) {
    Set(Register(handle), true);
  }

  EXPECT_THAT(Administrators(), ElementsAre("ansel", "dora", "edward"));
}

TEST_P(AdministratorsContract, UnknownUserIsNotFound) {
  EXPECT_THAT(Try(SetAdministrator{UserId{7}, true}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(AdministratorsContract, DeletedUserIsNoneAnyMore) {
  const UserId ansel = Register("ansel");
  Set(ansel, true);

  Try(DeleteUser{ansel}).value();
  const UserId another = Register("ansel");

  EXPECT_THAT(Administrators(), IsEmpty());
  EXPECT_FALSE(store().FindCredentials(another)->administrator);
}

class DurableAdministrators : public AdministratorsContract {};

TEST_P(DurableAdministrators, RestartKeepsThem) {
  Set(Register("ansel"), true);

  Reopen();

  EXPECT_THAT(Administrators(), ElementsAre("ansel"));
}

PINHOLE_ON_ALL_STORES(AdministratorsContract);
PINHOLE_ON_DURABLE_STORES(DurableAdministrators);

}  // namespace
}  // namespace pinhole::testing
